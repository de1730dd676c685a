package io.millrace.wal;

import io.millrace.error.MillraceException;

/**
 * Waits for the log to reach an LSN: to be durable up to there or, with a {@link SyncMode} that {@linkplain SyncMode#lags lags}, written. Told on
 * a completion worker, in LSN order within a batch.
 */
public interface CommitWaiter {
    /** The log has reached {@code lsn}. */
    void reached(long lsn);

    /** It has not, as far as is known, and never will in this run. */
    void lost(MillraceException cause);

    /** Whether it is also told of its own record as soon as that is {@link #written}. Asked once, on the log thread. */
    default boolean wantsWritten() {
        return false;
    }

    /** The record is written, not yet forced; comes before {@link #reached} began, or at the same time on another worker. */
    default void written(long lsn) {}
}
