package io.millrace.txn;

import io.millrace.common.Memory;
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
    private long undoLsn;
    private long undoReserve;
    private int changes;
    private int kept;
    private long versionBytes;
    private StubTable stubs;
    // Written by its operations and by who tells one of them that there is no memory; read by its operations.
    private volatile boolean keepsStubs;

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
        return changes;
    }

    /** LSN of the change to undo next, or of a compensation that leads there; 0 for none. */
    long undoLsn() {
        return undoLsn;
    }

    void undoLsn(long lsn) {
        undoLsn = lsn;
    }

    /** Bytes of the versions that the version store keeps for it. */
    long versionBytes() {
        return versionBytes;
    }

    /** Whether it leaves stubs in place of the versions that it overwrites: once it has become large, to its end. */
    public boolean keepsStubs() {
        return keepsStubs;
    }

    /** From now on it leaves stubs. */
    public void keepStubs() {
        keepsStubs = true;
    }

    /** Its stubs, null before the first. */
    StubTable stubs() {
        return stubs;
    }

    void stubs(StubTable table) {
        stubs = table;
    }

    /** Version store nodes of what this transaction overwrote, oldest first; once it keeps stubs, not of all of it. */
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

    /** Whether the version that its newest change overwrote is in memory, and so are those of all changes before. */
    boolean newestIsKept() {
        return kept == changes;
    }

    /** The newest change, of this LSN, is undone; answers its node, 0 if it has none. */
    long lastUndone(long lsn) {
        changes--;
        kept = Math.min(kept, changes);
        int last = nodes.size() - 1;
        if (last < 0 || Memory.getLong(nodes.getLong(last) + VersionNodeLayout.LSN) != lsn) {
            return 0;
        }
        long node = nodes.removeAt(last);
        undone.addLong(node);
        return node;
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

    /** Makes room for one more node, so that {@link #changed} allocates nothing. */
    void prepareRecord() {
        nodes.ensureCapacity(nodes.size() + 1);
    }

    /** Called between claim and publish of the record of a change; {@code node} is 0 if the version overwritten is only in the log. */
    void changed(long lsn, long node, long bytes, long reserve) {
        if (firstLsn == 0) {
            firstLsn = lsn;
        }
        lastLsn = lsn;
        undoLsn = lsn;
        undoReserve += reserve;
        versionBytes += bytes;
        if (node != 0) {
            kept += kept == changes ? 1 : 0;
            nodes.addLong(node);
        }
        changes++;
    }

    /** Called between claim and publish of a compensation. */
    void compensated(long lsn, long undoNext) {
        lastLsn = lsn;
        undoLsn = undoNext;
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
