package io.millrace.btree;

import io.millrace.txn.Transaction;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;

/**
 * Which tree has a name, where its root lies, and for which snapshots that is so. A renamed tree has a reference of each of its names; what
 * they have in common, the place of the root too, they share. Thread-safe.
 *
 * <p>A drop or a renaming must not come between the writes of a transaction and its end: who writes in a transaction enters the tree before,
 * and a tree with anybody inside can not be {@linkplain #close closed}. Writes outside of transactions do not enter: they may slip into
 * a tree that is just being dropped, as if they had come before.
 */
public final class TreeRef {
    /** Of {@link #close}: somebody else has closed it. */
    static final long CLOSED = -1;

    /** End of what has not ended. */
    static final long NEVER = Long.MAX_VALUE;

    private static final AtomicIntegerFieldUpdater<State> CLOSING =
            AtomicIntegerFieldUpdater.newUpdater(State.class, "closing");

    /** What the references of one tree share. */
    private static final class State {
        /** Transactions that have written and not ended. Entered first, then closing is read. */
        private final Set<Long> writers = ConcurrentHashMap.newKeySet();

        /** Somebody is about to change the name. Written first, then the writers are looked at. */
        private volatile int closing;

        /** Its pages are being freed. Written by the reclaimer, before it frees any. */
        private volatile boolean reclaimed;

        /** Written by a compaction, while it holds the latches of the old and the new root. */
        private volatile long rootPage;

        State(long rootPage) {
            this.rootPage = rootPage;
        }
    }

    private final long treeId;
    /** {@link #NEVER} until a tree that has been built gets its name; written once, before that is published. */
    private volatile long sinceLsn;

    private final boolean renamed;
    private final State state;

    /** LSN of the drop or renaming; written once, by who closed it. */
    private volatile long endedLsn = NEVER;

    /**
     * A tree that has had its name from its creation.
     *
     * @param treeId the tree's number, never used twice
     * @param rootPage page id of the root
     * @param createdLsn LSN of the tree's creation; known durably only once that is durable
     */
    public TreeRef(long treeId, long rootPage, long createdLsn) {
        this(treeId, createdLsn, false, new State(rootPage));
    }

    private TreeRef(long treeId, long sinceLsn, boolean renamed, State state) {
        this.treeId = treeId;
        this.sinceLsn = sinceLsn;
        this.renamed = renamed;
        this.state = state;
    }

    /**
     * A tree that is older than the name it is about to get, and so are its entries: to an older snapshot it is a change of what the name means.
     */
    static TreeRef unnamed(long treeId, long rootPage) {
        return new TreeRef(treeId, NEVER, true, new State(rootPage));
    }

    /** Its record has this LSN, and is not published yet. */
    void named(long lsn) {
        sinceLsn = lsn;
    }

    /** Whether it has its name: only then may anybody find it. */
    boolean isNamed() {
        return sinceLsn != NEVER;
    }

    /** The same tree with another name from {@code lsn} on. */
    TreeRef renamed(long lsn) {
        return new TreeRef(treeId, lsn, true, state);
    }

    /** The tree's number, never used twice. */
    public long treeId() {
        return treeId;
    }

    /**
     * Page id of the root. Whoever goes there asks again once he has the page's stamp: if it is still the answer, that was the root, and the stamp is
     * void when it is no longer.
     */
    public long rootPage() {
        return state.rootPage;
    }

    /** From now on the root lies there. While both pages, and the entry in the catalogue, are latched, behind the last thing that can fail. */
    void moveRoot(long page) {
        state.rootPage = page;
    }

    /** LSN from which on the tree has this name. */
    public long sinceLsn() {
        return sinceLsn;
    }

    /** LSN from which on it has it no longer. */
    public long endedLsn() {
        return endedLsn;
    }

    /** Whether the tree has this name now. */
    public boolean isCurrent() {
        return endedLsn == NEVER;
    }

    /** Whether a snapshot at {@code lsn} finds the tree under this name. */
    boolean isSeenAt(long lsn) {
        return sinceLsn <= lsn && lsn < endedLsn;
    }

    /** Whether the tree is older than its name. */
    public boolean isRenamed() {
        return renamed;
    }

    /** Before the first write of a transaction: keeps the name as it is until the transaction has ended. False if it is being changed. */
    public boolean enter(Transaction writer) {
        Long id = writer.id();
        if (!state.writers.add(id)) {
            return true;
        }
        if (state.closing != 0) {
            state.writers.remove(id);
            return false;
        }
        writer.whenEnded(() -> state.writers.remove(id));
        return true;
    }

    /** Nobody enters any more. Answers 0; or, and then it is not closed, a transaction that is inside, or {@link #CLOSED}. */
    long close() {
        if (!CLOSING.compareAndSet(state, 0, 1)) {
            return CLOSED;
        }
        for (long writer : state.writers) {
            state.closing = 0;
            return writer;
        }
        return 0;
    }

    /** The name stays what it was, or has been changed, see {@link #end}. */
    void reopen() {
        state.closing = 0;
    }

    /** The name is the tree's no longer. */
    void end(long lsn) {
        endedLsn = lsn;
    }

    /** From now on its pages go. */
    void reclaim() {
        state.reclaimed = true;
    }

    boolean isReclaimed() {
        return state.reclaimed;
    }
}
