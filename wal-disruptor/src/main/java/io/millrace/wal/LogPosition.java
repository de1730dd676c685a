package io.millrace.wal;

/**
 * Where a block begins.
 *
 * @param segment number of the segment
 * @param offset byte position in its file
 * @param firstLsn LSN of the first slot of the block's first record
 */
public record LogPosition(long segment, int offset, long firstLsn) {}
