package io.millrace.txn;

import static io.millrace.txn.VersionNodeLayout.BEGIN;
import static io.millrace.txn.VersionNodeLayout.END;
import static io.millrace.txn.VersionNodeLayout.FLAGS;
import static io.millrace.txn.VersionNodeLayout.KEY;
import static io.millrace.txn.VersionNodeLayout.KEY_LENGTH;
import static io.millrace.txn.VersionNodeLayout.NEXT;
import static io.millrace.txn.VersionNodeLayout.QUEUE_NEXT;

import io.millrace.common.EngineThreads;
import io.millrace.common.Memory;
import io.millrace.error.StoreOverloadedException;
import java.util.Arrays;
import org.agrona.collections.LongArrayList;

/**
 * Drops versions nobody needs any more, in the order in which they were overwritten, on a thread of its own. A version valid in [a, b) goes
 * when b is durable and no registered snapshot lies in [a, b), so that a long scan does not keep every increment of a hot counter (D3).
 * Over budget, the oldest snapshots become unreadable first; so do those older than the greatest age.
 *
 * <p>Also the one who moves the low watermark on.
 */
public final class VersionPurger implements AutoCloseable {
    private static final long BUSY_NANOS = 1_000_000;
    private static final long IDLE_NANOS = 20_000_000;
    private static final long NANOS_BETWEEN_HELD = 20_000_000;

    private final VersionStore versions;
    private final SnapshotRegistry snapshots;
    private final TransactionTable transactions;
    private final long[] snapshotLsns;
    private final long maxSnapshotAgeNanos;
    private final EngineThreads threads;
    private final LongArrayList freed = new LongArrayList();
    private LongArrayList undecided = new LongArrayList();
    private LongArrayList held = new LongArrayList();
    private LongArrayList spare = new LongArrayList();
    private int snapshotCount;
    private long queueHead;
    private boolean stubQueued = true;
    private long heldLookedAt;
    // Of whoever starts and closes.
    private Thread thread;
    private volatile boolean closed;
    // Set once, before there are versions with long values.
    private volatile UnneededValues unneeded;

    /**
     * A purger; {@link #start} starts it.
     *
     * @param maxSnapshotAgeNanos age from which on a snapshot keeps no versions
     */
    public VersionPurger(
            VersionStore versions,
            SnapshotRegistry snapshots,
            TransactionTable transactions,
            long maxSnapshotAgeNanos,
            EngineThreads threads) {
        this.maxSnapshotAgeNanos = maxSnapshotAgeNanos;
        this.versions = versions;
        this.snapshots = snapshots;
        this.transactions = transactions;
        this.threads = threads;
        snapshotLsns = new long[snapshots.capacity()];
        queueHead = versions.queueStub();
    }

    /** Who frees the pages of long values; to be set before any is overwritten. */
    public void longValues(UnneededValues takesThem) {
        unneeded = takesThem;
    }

    /** Starts the thread. */
    public void start() {
        thread = threads.start("purger", this::run);
    }

    private void run() {
        while (!closed) {
            boolean busy = cycle(false);
            if (!versions.spaceWaiters().isEmpty()) {
                makeRoom();
            } else if (!closed) {
                threads.park(this, busy ? BUSY_NANOS : IDLE_NANOS);
            }
        }
    }

    /** One round over what was overwritten since; answers whether there was anything. */
    boolean cycle(boolean lookAtHeld) {
        boolean some = drainQueue();
        if (!held.isEmpty() || !versions.stubs().isEmpty()) {
            versions.raiseMinReadable(snapshots.readableFrom(maxSnapshotAgeNanos));
        }
        long lowWatermark = snapshots.refreshLowWatermark();
        long durable = versions.horizon();
        snapshotCount = snapshots.collect(snapshotLsns);
        Arrays.sort(snapshotLsns, 0, snapshotCount);
        undecided = sift(undecided, durable);
        if (lookAtHeld || threads.nanoTime() - heldLookedAt > NANOS_BETWEEN_HELD) {
            heldLookedAt = threads.nanoTime();
            LongArrayList old = held;
            held = new LongArrayList();
            sift(old, durable);
        }
        freeUnlinked(versions.stubs().drop(transactions, lowWatermark));
        return some || !undecided.isEmpty();
    }

    private boolean drainQueue() {
        boolean some = false;
        long next = nextInQueue();
        while (next != 0) {
            // The head stays in the queue as its dummy; what was the dummy may go its way.
            if (queueHead == versions.queueStub()) {
                stubQueued = false;
            } else {
                undecided.addLong(queueHead);
                some = true;
            }
            queueHead = next;
            next = nextInQueue();
        }
        return some;
    }

    private long nextInQueue() {
        long next = Memory.getLongAcquire(queueHead + QUEUE_NEXT);
        if (next == 0 && !stubQueued) {
            stubQueued = true;
            versions.enqueueStub();
            next = Memory.getLongAcquire(queueHead + QUEUE_NEXT);
        }
        return next;
    }

    private LongArrayList sift(LongArrayList nodes, long durable) {
        LongArrayList kept = spare;
        kept.clear();
        for (int i = 0; i < nodes.size(); i++) {
            long node = nodes.getLong(i);
            long end = Memory.getLong(node + END);
            if (end != VersionStore.NEVER && !ended(end, durable)) {
                kept.addLong(node);
            } else if (end != VersionStore.NEVER && needed(node, end)) {
                held.addLong(node);
            } else {
                unlink(node);
                freed.addLong(node);
                letGo(node, end);
            }
        }
        spare = nodes;
        return kept;
    }

    /** Its long value is nobody's, unless the overwriting was undone. */
    private void letGo(long node, long end) {
        int flags = Memory.getInt(node + FLAGS);
        if (end != VersionStore.NEVER
                && (flags & (VersionStore.FLAG_LONG | VersionStore.FLAG_TAKEN_OVER)) == VersionStore.FLAG_LONG) {
            unneeded.unneeded(node + KEY + Memory.getInt(node + KEY_LENGTH), durableEnd(end));
        }
    }

    private long durableEnd(long end) {
        // Of a transaction long forgotten every snapshot sees the end.
        return Math.max(0, lsnOf(end));
    }

    private boolean ended(long end, long durable) {
        if (!Stamps.isTransaction(end)) {
            return end != 0 && end <= durable;
        }
        long state = transactions.resolve(end);
        return state == TransactionTable.FORGOTTEN || state > 0 && state <= durable;
    }

    private boolean needed(long node, long end) {
        long from = lsnOf(Memory.getLong(node + BEGIN));
        long to = lsnOf(end);
        int at = Arrays.binarySearch(snapshotLsns, 0, snapshotCount, from);
        int first = at >= 0 ? at : -at - 1;
        return first < snapshotCount && snapshotLsns[first] < to;
    }

    private long lsnOf(long stamp) {
        return Stamps.isTransaction(stamp) ? transactions.resolve(stamp) : stamp;
    }

    private void unlink(long node) {
        long bucket = versions.bucketOf(node);
        long after = Memory.getLongVolatile(node + NEXT);
        while (!Memory.compareAndSetLong(bucket, node, after)) {
            long previous = Memory.getLongVolatile(bucket);
            if (previous != node) {
                while (Memory.getLongVolatile(previous + NEXT) != node) {
                    previous = Memory.getLongVolatile(previous + NEXT);
                }
                Memory.putLongVolatile(previous + NEXT, after);
                return;
            }
        }
    }

    private void freeUnlinked(boolean tablesToo) {
        if (freed.isEmpty() && !tablesToo) {
            return;
        }
        versions.epochs().advance();
        while (!versions.epochs().drained()) {
            threads.park(this, BUSY_NANOS / 10);
        }
        for (int i = 0; i < freed.size(); i++) {
            versions.free(freed.getLong(i));
        }
        freed.clear();
        versions.stubs().freeDropped();
    }

    /** Somebody waits for room: old snapshots give way, half of the budget at most is kept for them. */
    private void makeRoom() {
        cycle(true);
        while (versions.nodeBytes() > versions.budgetBytes() / 2 && snapshotCount > 0 && !held.isEmpty()) {
            versions.raiseMinReadable(snapshotLsns[0] + 1);
            cycle(true);
        }
        boolean room = versions.nodeBytes() <= versions.budgetBytes() / 8 * 7;
        StoreOverloadedException none = room
                ? null
                : new StoreOverloadedException("memory for overwritten versions (transaction.max-version-memory="
                        + versions.budgetBytes() + " bytes)");
        for (VersionStore.SpaceWaiter waiter = versions.spaceWaiters().poll();
                waiter != null;
                waiter = versions.spaceWaiters().poll()) {
            if (room) {
                waiter.spaceAvailable();
            } else {
                waiter.noSpace(none);
            }
        }
        threads.park(this, BUSY_NANOS);
    }

    /** Ends the thread and frees all versions: no operation runs any more. */
    @Override
    public void close() {
        closed = true;
        threads.unpark(thread);
        threads.join(thread);
        versions.freeAll();
    }
}
