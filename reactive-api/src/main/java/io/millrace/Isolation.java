package io.millrace;

/** What a transaction sees of others that run at the same time. */
public enum Isolation {
    /**
     * Everything that was durable when the transaction began, and its own writes; nothing else, ever. Of two transactions that write the same
     * key, the first to commit wins and the other one fails with a {@link io.millrace.error.TransactionConflictException}.
     */
    SNAPSHOT
}
