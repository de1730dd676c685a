package io.millrace;

/** What a transaction sees of others that run at the same time. */
public enum Isolation {
    /**
     * Each operation sees everything that is durable when it starts, and the transaction's own writes; a scan, a count or a deletion of a range is
     * consistent in itself. A write works on the newest version once that is durable, whoever wrote it: there are no conflicts, and what was
     * read before may have changed.
     */
    READ_COMMITTED,
    /**
     * Everything that was durable when the transaction began, and its own writes; nothing else, ever. Of two transactions that write the same
     * key, the first to commit wins and the other one fails with a {@link io.millrace.error.TransactionConflictException}. Two transactions that
     * each write what the other one has only read may both commit (write skew).
     */
    SNAPSHOT,
    /**
     * As {@link #SNAPSHOT}, and as if transactions of this level had run one after another, in an order that agrees with real time: a commit
     * fails with a {@link io.millrace.error.TransactionConflictException} if another transaction has changed, or is changing, a key or a range
     * that this one has read, also one where it found nothing. What was read is remembered until the end, within
     * {@code transaction.max-read-set}.
     */
    SERIALIZABLE
}
