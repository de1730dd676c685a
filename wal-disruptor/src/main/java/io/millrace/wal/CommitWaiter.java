package io.millrace.wal;

import io.millrace.error.MillraceException;

/** Waits for an LSN to become durable; told on a completion worker, in LSN order within a batch. */
public interface CommitWaiter {
    /** {@code lsn} is durable. */
    void durable(long lsn);

    /** It is not known to be, and never will be in this run. */
    void lost(MillraceException cause);
}
