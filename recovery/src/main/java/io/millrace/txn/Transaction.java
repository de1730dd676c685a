package io.millrace.txn;

import java.util.concurrent.atomic.AtomicReference;
import org.agrona.collections.LongArrayList;

/**
 * One running transaction: its id (the stamp of its versions, and so its locks), its snapshot, and what its rollback must undo. Its
 * operations run one after another ({@link Transactions} sees to that); others only ask for its end.
 */
public final class Transaction {
    /** Life of a transaction. */
    public enum State {
        /** Takes operations. */
        ACTIVE,
        /** Its commit record is being written. */
        COMMITTING,
        /** Its commit record is published. */
        COMMITTED,
        /** Its changes are being undone. */
        ROLLING_BACK,
        /** Nothing of it is left. */
        ROLLED_BACK
    }

    /** Slot of a transaction for which no snapshot is registered. */
    static final int NO_SNAPSHOT = -1;

    private static final Waiter ENDED = new Waiter(null, null);

    /** Who waits for the end; a list that only grows, until ENDED takes its place. */
    private static final class Waiter {
        private final Runnable action;
        private final Waiter next;

        Waiter(Runnable action, Waiter next) {
            this.action = action;
            this.next = next;
        }
    }

    private final long id;
    private final int index;
    private final long snapshotLsn;
    private final int snapshotSlot;
    private final ReadView view;
    private final LongArrayList nodes = new LongArrayList();
    private final LongArrayList undone = new LongArrayList();
    private final AtomicReference<Waiter> waiters = new AtomicReference<>();
    private volatile State state = State.ACTIVE;
    private volatile long firstLsn;
    // Whose end it waits for, 0 for none; written by the wait graph's tasks and by who ends the wait, read by those
    // tasks.
    private volatile long waitsFor;
    private long lastLsn;
    private long undoReserve;

    Transaction(long id, int index, long snapshotLsn, int snapshotSlot, ReadView view) {
        this.id = id;
        this.index = index;
        this.snapshotLsn = snapshotLsn;
        this.snapshotSlot = snapshotSlot;
        this.view = view;
    }

    /** A loser found by restart: it can only be rolled back. */
    public static Transaction loser(long id, long firstLsn, long lastLsn) {
        Transaction loser = new Transaction(id, -1, 0, NO_SNAPSHOT, null);
        loser.firstLsn = firstLsn;
        loser.lastLsn = lastLsn;
        loser.state = State.ROLLING_BACK;
        return loser;
    }

    /** The id, top bit set; never used twice. */
    public long id() {
        return id;
    }

    /** The newest LSN this transaction sees of others. */
    public long snapshotLsn() {
        return snapshotLsn;
    }

    /** Whether it works on the newest committed versions instead of a snapshot. */
    public boolean readsCommitted() {
        return snapshotSlot == NO_SNAPSHOT;
    }

    /** What this transaction sees, its own writes included. */
    public ReadView view() {
        return view;
    }

    /** Where it is in its life. */
    public State state() {
        return state;
    }

    boolean hasEnded() {
        State now = state;
        return now == State.COMMITTED || now == State.ROLLED_BACK;
    }

    /** LSN of its last record, 0 before the first. */
    public long lastLsn() {
        return lastLsn;
    }

    /** LSN of its first record, 0 before it. */
    public long firstLsn() {
        return firstLsn;
    }

    int index() {
        return index;
    }

    int snapshotSlot() {
        return snapshotSlot;
    }

    long undoReserve() {
        return undoReserve;
    }

    /** Number of its changes that are not undone. */
    public int changes() {
        return nodes.size();
    }

    /** Version store nodes of what this transaction overwrote, oldest first. */
    LongArrayList nodes() {
        return nodes;
    }

    /** Version store nodes of changes that are undone. */
    LongArrayList undone() {
        return undone;
    }

    /** Makes room for one more undone change, so that {@link #lastUndone} allocates nothing. */
    void prepareUndone() {
        undone.ensureCapacity(undone.size() + 1);
    }

    /** The newest change is undone. */
    void lastUndone() {
        undone.addLong(nodes.removeAt(nodes.size() - 1));
    }

    long waitsFor() {
        return waitsFor;
    }

    void waitsFor(long holder) {
        waitsFor = holder;
    }

    void state(State next) {
        state = next;
    }

    /** Makes room for one more node, so that {@link #recorded} allocates nothing. */
    void prepareRecord() {
        nodes.ensureCapacity(nodes.size() + 1);
    }

    /** Called between claim and publish of each of its records. */
    void recorded(long lsn, long node, long reserve) {
        if (firstLsn == 0) {
            firstLsn = lsn;
        }
        lastLsn = lsn;
        undoReserve += reserve;
        if (node != 0) {
            nodes.addLong(node);
        }
    }

    /** Runs {@code action} once this transaction has ended; at once if it has. */
    public void whenEnded(Runnable action) {
        Waiter head;
        do {
            head = waiters.get();
            if (head == ENDED) {
                action.run();
                return;
            }
        } while (!waiters.compareAndSet(head, new Waiter(action, head)));
    }

    /** Its rollback can't be finished before the store is opened again, nothing is written any more: whoever waits for its end learns that. */
    public void abandoned() {
        ended();
    }

    void ended() {
        for (Waiter waiter = waiters.getAndSet(ENDED); waiter != null && waiter != ENDED; waiter = waiter.next) {
            waiter.action.run();
        }
    }
}
