package io.millrace;

/**
 * What a commit says about itself.
 *
 * @param lsn the log position of the commit: every snapshot at or above it sees the transaction. Of a transaction that wrote nothing, its
 *     snapshot
 * @param relaxed whether this was signalled before the log was forced ({@link Durability#RELAXED}, or a {@code wal.sync}
 *     that lets commits go ahead of the force): power loss may still undo it
 */
public record CommitInfo(long lsn, boolean relaxed) {}
