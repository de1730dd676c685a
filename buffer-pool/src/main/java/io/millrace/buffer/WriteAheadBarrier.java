package io.millrace.buffer;

/** What the pool knows of the log: up to where it is durable (L1). Implemented over the log, or by a fake in tests. */
public interface WriteAheadBarrier {
    /** The log is durable up to here. Never moves back. */
    long durableLsn();

    /**
     * Returns when {@link #durableLsn} is at least {@code lsn}; asks the log for a force if need be. Engine threads only.
     *
     * @throws io.millrace.error.StorageIoException if the log is poisoned and will never be durable up to there (L9)
     */
    void awaitDurable(long lsn);
}
