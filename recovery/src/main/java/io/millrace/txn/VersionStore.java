package io.millrace.txn;

import static io.millrace.txn.VersionNodeLayout.ALLOCATED;
import static io.millrace.txn.VersionNodeLayout.BEGIN;
import static io.millrace.txn.VersionNodeLayout.END;
import static io.millrace.txn.VersionNodeLayout.FLAGS;
import static io.millrace.txn.VersionNodeLayout.KEY;
import static io.millrace.txn.VersionNodeLayout.KEY_LENGTH;
import static io.millrace.txn.VersionNodeLayout.LSN;
import static io.millrace.txn.VersionNodeLayout.NEXT;
import static io.millrace.txn.VersionNodeLayout.QUEUE_NEXT;
import static io.millrace.txn.VersionNodeLayout.TREE;
import static io.millrace.txn.VersionNodeLayout.VALUE_LENGTH;

import io.millrace.common.Memory;
import io.millrace.error.StoreOverloadedException;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import org.agrona.collections.LongArrayList;

/**
 * Versions that were overwritten and may still be read, off-heap, keyed by (tree, key); never written to disk (Umbra, VLDB 2022).
 *
 * <p>A writer allocates the node before it latches the leaf and pushes it while it holds the latch: one compare-and-set on the bucket. Only
 * the purger unlinks. Readers walk a bucket inside an {@link EpochGuard} and, since they do so before they validate the leaf, may meet a
 * chain that belongs to a newer state; validation then fails. Memory has a budget: a node that does not fit is refused and the writer waits. A
 * transaction that has more than a part of it leaves stubs instead of nodes from then on, see {@link VersionStubs}.
 *
 * <p>The right version for a view is the one whose begin is visible and whose end is not. Begin and end both visible, in a view that is still
 * readable, means that the key was deleted and its ghost removed from the leaf, since no version that such a view needs is ever purged.
 */
public final class VersionStore {
    /** What a look-up found. */
    public enum Found {
        /** A live version; its value stands in the workspace. */
        VALUE,
        /** The key was not there in this view. */
        ABSENT,
        /** It stands in the log: {@link Workspace#logRequest}. */
        LOGGED,
        /** The version has been purged: an unregistered view must move on, a registered one is too old. */
        GONE
    }

    /** Told that memory was freed, or that it can't be; on the purger's thread, must hand over. */
    public interface SpaceWaiter {
        /** Try again. */
        void spaceAvailable();

        /** All memory is held by running transactions. */
        void noSpace(StoreOverloadedException cause);
    }

    /** End stamp of a version whose overwriting was undone. */
    static final long NEVER = Long.MAX_VALUE;

    /** There was no entry. */
    public static final int FLAG_ABSENT = 1;
    /** The entry was a ghost. */
    public static final int FLAG_GHOST = 2;
    /** The value is the reference of a long one, whose pages go when nobody needs the version any more. */
    public static final int FLAG_LONG = 4;
    /** The pages of the version's long value are in use again: what overwrote it has taken them over, or was undone. */
    public static final int FLAG_TAKEN_OVER = 8;

    private static final AtomicLongFieldUpdater<VersionStore> MIN_READABLE =
            AtomicLongFieldUpdater.newUpdater(VersionStore.class, "minReadable");
    private static final int MAX_WALK = 1 << 20;
    /** A transaction whose nodes take more than this part of the budget is large, and may not use more than half of it. */
    private static final int LARGE_PART = 8;

    private final long buckets;
    private final long bucketMask;
    private final long budget;
    private final AtomicLong used = new AtomicLong();
    private final VersionStubs stubs;
    private final EpochGuard epochs = new EpochGuard();
    private final AtomicLong queueTail;
    private final long queueStub;
    private final Queue<SpaceWaiter> spaceWaiters = new ConcurrentLinkedQueue<>();
    private volatile long horizon;
    private volatile long minReadable;

    /**
     * An empty store.
     *
     * @param budgetBytes most bytes nodes may take
     * @param bucketCount a power of two
     */
    public VersionStore(long budgetBytes, int bucketCount) {
        budget = budgetBytes;
        stubs = new VersionStubs(budgetBytes);
        bucketMask = bucketCount - 1L;
        buckets = Memory.allocateOwned(this, 8L * bucketCount);
        queueStub = Memory.allocateOwned(this, KEY);
        queueTail = new AtomicLong(queueStub);
    }

    /**
     * A node for the version about to be overwritten; the caller owns it until {@link #push} or {@link #free}.
     *
     * @param owner the transaction that overwrites it, null if there is none
     * @param flags FLAG_ABSENT, or some of the others
     * @param begin stamp of the version
     * @return the node's address, or 0 if the budget is used up, or the owner {@linkplain Transaction#keepsStubs keeps stubs}
     */
    public long allocate(
            Transaction owner,
            long treeId,
            long key,
            int keyLength,
            int flags,
            long begin,
            long value,
            int valueLength) {
        int bytes = KEY + keyLength + valueLength;
        if (used.addAndGet(bytes) > limit(owner, flags)) {
            used.addAndGet(-bytes);
            if (owner != null && isLarge(owner)) {
                owner.keepStubs();
            }
            return 0;
        }
        long node = Memory.allocate(bytes);
        Memory.putLong(node + NEXT, 0);
        Memory.putLong(node + QUEUE_NEXT, 0);
        Memory.putLong(node + BEGIN, begin);
        Memory.putLong(node + END, 0);
        Memory.putLong(node + LSN, 0);
        Memory.putLong(node + TREE, treeId);
        Memory.putInt(node + KEY_LENGTH, keyLength);
        Memory.putInt(node + FLAGS, flags);
        Memory.putInt(node + VALUE_LENGTH, valueLength);
        Memory.putInt(node + ALLOCATED, bytes);
        Memory.copy(key, node + KEY, keyLength);
        Memory.copy(value, node + KEY + keyLength, valueLength);
        return node;
    }

    private long limit(Transaction owner, int flags) {
        if (owner == null) {
            return budget;
        }
        if (owner.keepsStubs()) {
            // The reference of a long value is kept in any case: with it go its pages.
            return (flags & FLAG_LONG) != 0 ? 2 * budget : 0;
        }
        return isLarge(owner) ? budget / 2 : budget;
    }

    private boolean isLarge(Transaction owner) {
        return owner.versionBytes() > budget / LARGE_PART;
    }

    /** Bytes that a node takes; 0 if there is none. */
    static long bytes(long node) {
        return node == 0 ? 0 : Memory.getInt(node + ALLOCATED);
    }

    /** Gives back a node that was never pushed, or that the purger has unlinked. */
    public void free(long node) {
        used.addAndGet(-Memory.getInt(node + ALLOCATED));
        Memory.free(node);
    }

    /** Publishes a node; the leaf is exclusively latched, so one key's nodes are pushed in order. Lock-free. */
    void push(long node, long endStamp, long lsn) {
        Memory.putLong(node + END, endStamp);
        Memory.putLong(node + LSN, lsn);
        long bucket = bucket(Memory.getLong(node + TREE), node + KEY, Memory.getInt(node + KEY_LENGTH));
        long head;
        do {
            head = Memory.getLongVolatile(bucket);
            Memory.putLong(node + NEXT, head);
        } while (!Memory.compareAndSetLong(bucket, head, node));
        enqueue(node);
    }

    private void enqueue(long node) {
        long previous = queueTail.getAndSet(node);
        Memory.putLongRelease(previous + QUEUE_NEXT, node);
    }

    /** Puts the stub, which is not in the purger's queue, behind the last node, so that this one can go (Vyukov's queue). */
    void enqueueStub() {
        Memory.putLong(queueStub + QUEUE_NEXT, 0);
        enqueue(queueStub);
    }

    /**
     * The version of the workspace's key that {@code view} sees, given that it does not see the one in the leaf. To be called before the
     * leaf is validated.
     */
    public Found find(long treeId, Workspace workspace, ReadView view) {
        int epoch = epochs.enter();
        try {
            return search(treeId, workspace, view);
        } finally {
            epochs.exit(epoch);
        }
    }

    private Found search(long treeId, Workspace workspace, ReadView view) {
        long key = workspace.keyAddress;
        int keyLength = workspace.keyLength;
        long node = Memory.getLongVolatile(bucket(treeId, key, keyLength));
        for (int steps = 0; node != 0 && steps < MAX_WALK; steps++) {
            if (matches(node, treeId, key, keyLength)
                    && Memory.getLong(node + END) != NEVER
                    && view.sees(Memory.getLong(node + BEGIN))) {
                // Both ends visible: what came after it is not in memory, though nothing this view needs has been
                // dropped: it stands in the log, or was a ghost, removed from its leaf since.
                return view.sees(Memory.getLong(node + END))
                        ? elsewhere(treeId, workspace, view)
                        : decide(node, workspace, view);
            }
            node = Memory.getLongVolatile(node + NEXT);
        }
        // No trace of an older version in memory: there was none, unless it was purged for lack of need or of room.
        return elsewhere(treeId, workspace, view);
    }

    private Found elsewhere(long treeId, Workspace workspace, ReadView view) {
        Found found = stubs.find(treeId, workspace, view);
        return readable(view) ? found : Found.GONE;
    }

    private Found decide(long node, Workspace workspace, ReadView view) {
        if (!readable(view)) {
            return Found.GONE;
        }
        workspace.resultStamp = Memory.getLong(node + BEGIN);
        int flags = Memory.getInt(node + FLAGS);
        if ((flags & (FLAG_ABSENT | FLAG_GHOST)) != 0) {
            return Found.ABSENT;
        }
        workspace.resultIsLong = (flags & FLAG_LONG) != 0;
        workspace.resultLength = Memory.getInt(node + VALUE_LENGTH);
        long value = node + KEY + Memory.getInt(node + KEY_LENGTH);
        Memory.copy(value, workspace.resultAddress, workspace.resultLength);
        return Found.VALUE;
    }

    private static boolean matches(long node, long treeId, long key, int keyLength) {
        return Memory.getLong(node + TREE) == treeId
                && Memory.getInt(node + KEY_LENGTH) == keyLength
                && Memory.mismatch(node + KEY, key, keyLength) == keyLength;
    }

    /** Waits for {@link #allocate} to succeed. Any thread, never blocks. */
    public void awaitSpace(SpaceWaiter waiter) {
        spaceWaiters.add(waiter);
    }

    Queue<SpaceWaiter> spaceWaiters() {
        return spaceWaiters;
    }

    /** Whether everything {@code view} may need is still here. Asked after a look-up, before the answer is used. */
    public boolean readable(ReadView view) {
        return view.lsn() >= (view.registered() ? minReadable : horizon);
    }

    /** Oldest registered snapshot that can still be read. */
    public long minReadable() {
        return minReadable;
    }

    /** Makes every snapshot below {@code lsn} unreadable; never moves back. Called before what they need goes. */
    void raiseMinReadable(long lsn) {
        MIN_READABLE.accumulateAndGet(this, lsn, Math::max);
    }

    /** Newest LSN up to which unregistered needs have been forgotten. */
    long horizon() {
        return horizon;
    }

    void horizon(long lsn) {
        horizon = lsn;
    }

    /** Bytes in use, stubs included. */
    public long usedBytes() {
        return used.get() + stubs.usedBytes();
    }

    /** Bytes that the versions in memory take. */
    long nodeBytes() {
        return used.get();
    }

    VersionStubs stubs() {
        return stubs;
    }

    long budgetBytes() {
        return budget;
    }

    /** The overwriting of this version has been undone, by a transaction that may go on: the entry in the leaf is this version again. */
    void takenBack(long node) {
        Memory.putInt(node + FLAGS, Memory.getInt(node + FLAGS) | FLAG_TAKEN_OVER);
    }

    /** The overwriting of these versions has been undone and its transaction is marked so: nobody needs them any more. */
    void neverOverwritten(LongArrayList nodes) {
        for (int i = 0; i < nodes.size(); i++) {
            Memory.putLongVolatile(nodes.getLong(i) + END, NEVER);
        }
    }

    /** Frees every node; nobody reads or writes any more. */
    public void freeAll() {
        stubs.freeAll();
        for (long bucket = buckets; bucket <= buckets + 8 * bucketMask; bucket += 8) {
            long node = Memory.getLong(bucket);
            Memory.putLong(bucket, 0);
            while (node != 0) {
                long next = Memory.getLong(node + NEXT);
                free(node);
                node = next;
            }
        }
    }

    EpochGuard epochs() {
        return epochs;
    }

    long queueStub() {
        return queueStub;
    }

    long bucketOf(long node) {
        return bucket(Memory.getLong(node + TREE), node + KEY, Memory.getInt(node + KEY_LENGTH));
    }

    private long bucket(long treeId, long key, int keyLength) {
        long hash = Memory.hash(key, keyLength) + treeId * 0x9E3779B97F4A7C15L;
        return buckets + 8 * ((hash ^ hash >>> 32) & bucketMask);
    }
}
