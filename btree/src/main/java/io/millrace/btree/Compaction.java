package io.millrace.btree;

import java.util.concurrent.CompletableFuture;

/**
 * One compaction of the data file, see {@link TreeMaintainer#compact}: what it may do, how far it has come, and its end. Written by the maintainer's
 * thread, read by anybody once it has ended; cancelled by anybody.
 */
public final class Compaction {
    private final long bytesPerSecond;
    private final CompletableFuture<Compaction> end = new CompletableFuture<>();
    private volatile boolean cancelled;
    private long bytesBefore;
    private long bytesAfter;
    private long pagesMoved;
    private long pagesMerged;
    private long nanos;

    /** A compaction that reads and writes so much on average; at least 1. */
    public Compaction(long bytesPerSecond) {
        this.bytesPerSecond = bytesPerSecond;
    }

    /**
     * Completed with this when it is over, whether it got to its end or was cancelled; with the cause when it could not go on, and what was done
     * stays. On the maintainer's thread, which must not be held up.
     */
    public CompletableFuture<Compaction> end() {
        return end;
    }

    /** Ends soon, with the next page. */
    public void cancel() {
        cancelled = true;
    }

    boolean isCancelled() {
        return cancelled;
    }

    /** What so many bytes take at the least. */
    long nanosFor(long bytes) {
        return (long) (bytes * 1e9 / bytesPerSecond);
    }

    void moved() {
        pagesMoved++;
    }

    void merged(long count) {
        pagesMerged += count;
    }

    void began(long bytes, long now) {
        bytesBefore = bytes;
        nanos = now;
    }

    void ended(long bytes, long now) {
        bytesAfter = bytes;
        nanos = now - nanos;
    }

    /** Length of the data file before. */
    public long bytesBefore() {
        return bytesBefore;
    }

    /** Length of the data file after. */
    public long bytesAfter() {
        return bytesAfter;
    }

    /** Pages that found another place. */
    public long pagesMoved() {
        return pagesMoved;
    }

    /** Pages that were merged into others, and freed. */
    public long pagesMerged() {
        return pagesMerged;
    }

    /** How long it took. */
    public long nanos() {
        return nanos;
    }
}
