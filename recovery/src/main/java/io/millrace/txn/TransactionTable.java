package io.millrace.txn;

import io.millrace.common.Memory;

/**
 * What became of each transaction id: an off-heap ring of slots, the id's counter modulo the capacity says which. Look-ups are wait-free
 * from any thread and allocate nothing.
 *
 * <pre>
 * slot, 16 bytes
 *  0  u64 transaction id, 0 before the first, 1 while the slot is changing hands
 *  8  i64 state: ACTIVE_BASE minus the index among the running ones, ABORTING, ABORTED, or the commit LSN
 * </pre>
 *
 * <p>A slot is reclaimed only when a later id lands on it. An id that is not found is FORGOTTEN: committed, and visible to every snapshot
 * there is. An active transaction's slot is never taken (the newcomer skips that counter value), a committed one's only when its commit
 * LSN lies below the low watermark or once the oldest readable snapshot has been raised above it.
 */
public final class TransactionTable {
    /** The transaction runs. */
    public static final long ACTIVE = -1;
    /** The transaction was rolled back: no version carries its id any more. */
    public static final long ABORTED = -2;
    /** Not in the table: committed and visible to all. */
    public static final long FORGOTTEN = 0;

    private static final long ACTIVE_BASE = -16;
    private static final long ABORTING = -3;
    // No id: those have the top bit set.
    private static final long CHANGING_HANDS = 1;
    private static final int SLOT_BYTES = 16;
    private static final int STATE = 8;

    private final long slots;
    private final long mask;

    /** A table of {@code capacity} slots, a power of two. */
    public TransactionTable(int capacity) {
        if (Integer.bitCount(capacity) != 1) {
            throw new IllegalArgumentException("capacity must be a power of two: " + capacity);
        }
        mask = capacity - 1L;
        slots = Memory.allocateOwned(this, (long) capacity * SLOT_BYTES);
    }

    /** Bytes of off-heap memory. */
    public long offHeapBytes() {
        return (mask + 1) * SLOT_BYTES;
    }

    /** {@link #ACTIVE}, {@link #ABORTED}, {@link #FORGOTTEN} or the commit LSN. */
    public long resolve(long transactionId) {
        long slot = slot(transactionId);
        if (Memory.getLongVolatile(slot) != transactionId) {
            return FORGOTTEN;
        }
        long state = Memory.getLongVolatile(slot + STATE);
        // The slot may have changed hands between the two reads; then the id has been forgotten.
        return Memory.getLongVolatile(slot) == transactionId ? outcome(state) : FORGOTTEN;
    }

    private static long outcome(long state) {
        if (state <= ACTIVE_BASE) {
            return ACTIVE;
        }
        return state == ABORTING ? ABORTED : state;
    }

    /** Whose slot {@code transactionId} would take: an id, or 0 if it was nobody's yet. Read before {@link #holderState}. */
    long holder(long transactionId) {
        return Memory.getLongVolatile(slot(transactionId));
    }

    /** What became of the holder, as {@link #resolve}, but ACTIVE for as long as the slot may not be taken from it. */
    long holderState(long transactionId, long holder) {
        if (holder == 0) {
            return FORGOTTEN;
        }
        long state = Memory.getLongVolatile(slot(transactionId) + STATE);
        return holder == CHANGING_HANDS || state == ABORTING ? ACTIVE : outcome(state);
    }

    /**
     * Takes the slot from {@code holder} for a new, active transaction, which is found under {@code index} among the running ones.
     *
     * @return false if somebody else was faster
     */
    boolean enter(long transactionId, int index, long holder) {
        long slot = slot(transactionId);
        if (!Memory.compareAndSetLong(slot, holder, CHANGING_HANDS)) {
            return false;
        }
        Memory.putLongVolatile(slot + STATE, ACTIVE_BASE - index);
        Memory.putLongVolatile(slot, transactionId);
        return true;
    }

    /** Where an active transaction is found among the running ones, or -1 if it is not active. */
    int activeIndex(long transactionId) {
        long slot = slot(transactionId);
        long state = Memory.getLongVolatile(slot + STATE);
        return Memory.getLongVolatile(slot) == transactionId && state <= ACTIVE_BASE ? (int) (ACTIVE_BASE - state) : -1;
    }

    /** Sets the commit LSN; before the commit record is published, so that durable implies visible (D2). */
    void commit(long transactionId, long commitLsn) {
        Memory.putLongVolatile(slot(transactionId) + STATE, commitLsn);
    }

    /** The changes are undone, but what was kept for undoing them is still there: the slot is not free yet. */
    void aborting(long transactionId) {
        Memory.putLongVolatile(slot(transactionId) + STATE, ABORTING);
    }

    /** The rollback is complete. */
    void abort(long transactionId) {
        Memory.putLongVolatile(slot(transactionId) + STATE, ABORTED);
    }

    private long slot(long transactionId) {
        return slots + (transactionId & mask) * SLOT_BYTES;
    }
}
