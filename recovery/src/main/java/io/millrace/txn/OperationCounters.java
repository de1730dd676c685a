package io.millrace.txn;

import java.util.concurrent.atomic.LongAdder;

/** Counts what operations did; any thread. */
public final class OperationCounters {
    private final LongAdder pageHits = new LongAdder();
    private final LongAdder commits = new LongAdder();
    private final LongAdder rollbacks = new LongAdder();
    private final LongAdder conflicts = new LongAdder();

    void hits(long count) {
        if (count != 0) {
            pageHits.add(count);
        }
    }

    /** A transaction, of one operation or more, became durable. */
    public void committed() {
        commits.increment();
    }

    /** A transaction was rolled back. */
    public void rolledBack() {
        rollbacks.increment();
    }

    /** A transaction met a conflict. */
    public void conflict() {
        conflicts.increment();
    }

    /** Pages found in memory. */
    public long pageHits() {
        return pageHits.sum();
    }

    /** Durable transactions. */
    public long commits() {
        return commits.sum();
    }

    /** Transactions rolled back. */
    public long rollbacks() {
        return rollbacks.sum();
    }

    /** Conflicts met. */
    public long conflicts() {
        return conflicts.sum();
    }
}
