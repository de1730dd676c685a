package io.millrace.txn;

/**
 * The stamp of a version says who wrote it: a commit LSN (positive), or the id of a transaction (top bit set).
 *
 * <pre>
 *  63  62 .......... 40  39 ................. 0
 * +---+-----------------+----------------------+
 * | 1 | incarnation     | counter              |   transaction id: never used twice, not across restarts either
 * +---+-----------------+----------------------+
 * | 0 | LSN                                    |   commit LSN
 * +---+----------------------------------------+
 * </pre>
 */
public final class Stamps {
    /** No version: what the predecessor of a first version carries. */
    public static final long NONE = 0;

    private static final int COUNTER_BITS = 40;
    private static final long COUNTER_MASK = (1L << COUNTER_BITS) - 1;
    private static final long INCARNATION_MASK = (1L << 23) - 1;

    private Stamps() {}

    /** Whether {@code stamp} is a transaction id. */
    public static boolean isTransaction(long stamp) {
        return stamp < 0;
    }

    /** The id of the {@code counter}th transaction of an incarnation. */
    public static long transaction(long incarnation, long counter) {
        return Long.MIN_VALUE | (incarnation & INCARNATION_MASK) << COUNTER_BITS | counter & COUNTER_MASK;
    }

    /** The incarnation of the store in which the transaction began. */
    public static long incarnation(long transactionId) {
        return transactionId >>> COUNTER_BITS & INCARNATION_MASK;
    }

    static long counter(long transactionId) {
        return transactionId & COUNTER_MASK;
    }
}
