package io.millrace.btree;

import io.millrace.common.Completion;
import io.millrace.common.EngineLock;
import io.millrace.common.EngineThreads;
import io.millrace.common.Memory;
import io.millrace.error.MillraceException;
import io.millrace.recovery.Checkpointer;
import io.millrace.txn.Operation;
import io.millrace.txn.OperationContext;
import io.millrace.txn.Step;
import io.millrace.txn.Workspace;
import java.util.HashMap;
import java.util.Map;

/**
 * Tidies trees up behind those who write, on a thread of its own: leaves in which something was deleted lose their ghosts once no snapshot needs
 * them, and are merged with a neighbour when little is left ({@link Contraction}). One leaf at a time, as an operation like any other, which
 * waits for pages and room in the log without holding anything; a round is bounded and followed by a pause, so that it never takes more than a part
 * of one core.
 *
 * <p>Learns where to look from {@link PageHints} given by deletes, rollbacks and scans. What it can't do (a damaged page, a full disk, a failed
 * store) it leaves.
 */
public final class TreeMaintainer implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(TreeMaintainer.class.getName());

    private static final int PAGES_PER_ROUND = 512;
    /** A leaf that others change all the time is left for a later round after so many attempts. */
    private static final int MOST_ATTEMPTS = 512;

    private static final long PAUSE_NANOS = 1_000_000;
    private static final long IDLE_NANOS = 20_000_000;

    private final OperationContext context;
    private final Catalogue catalogue;
    private final Contraction contraction;
    private final Compactor compactor;
    private final PageHints hints;
    private final EngineThreads threads;
    private final EngineLock working;
    /** Leaves with ghosts that somebody still needs, and what the low watermark must reach first. */
    private final Map<Long, Long> later = new HashMap<>();
    /** The least of these. */
    private long nextNeeded = Long.MAX_VALUE;

    private int nextSlot;
    // Of whoever starts and closes; any thread wakes it.
    private volatile Thread thread;
    private volatile boolean suspended;
    private volatile boolean closed;
    private volatile boolean ended;

    /**
     * A maintainer for the trees of a catalogue, which has been loaded; {@link #start} starts it.
     *
     * @param checkpointer cuts the data file; null if nobody is going to {@link #compact}
     */
    public TreeMaintainer(OperationContext context, BTree trees, Catalogue catalogue, Checkpointer checkpointer) {
        this.context = context;
        this.catalogue = catalogue;
        contraction = new Contraction(context.engine(), trees.restructuring());
        compactor = new Compactor(context, trees, catalogue, contraction, checkpointer);
        hints = trees.hints();
        threads = context.engine().threads();
        working = new EngineLock(threads);
    }

    /** Starts the thread; after restart's undo. */
    public void start() {
        thread = threads.start("trees", this::run);
    }

    private void run() {
        try {
            while (!closed) {
                boolean some = !suspended && round();
                long pause = some ? PAUSE_NANOS : IDLE_NANOS;
                if (!suspended) {
                    pause = Math.min(pause, compact());
                }
                if (!closed && pause > 0) {
                    threads.park(this, pause);
                }
            }
        } finally {
            // Whatever ends this thread, nobody waits for a compaction for ever.
            compactor.close();
            ended = true;
            compactor.refuse();
        }
    }

    /** Compacts a little; answers after how many nanoseconds there is more to do. */
    private long compact() {
        working.lock();
        try {
            return compactor.work();
        } finally {
            working.unlock();
        }
    }

    /**
     * Makes the data file shorter, in the background; see {@link Compaction#end} for its end. Compactions asked for meanwhile follow. Any thread.
     */
    public void compact(Compaction compaction) {
        compactor.add(compaction);
        threads.unpark(thread);
        if (ended) {
            compactor.refuse();
        }
    }

    /** Looks after a bounded number of leaves; answers whether there were any. */
    boolean round() {
        recall();
        int found = 0;
        for (int i = 0;
                i < hints.capacity() && !hints.isEmpty() && found < PAGES_PER_ROUND && !closed && !suspended;
                i++) {
            long page = hints.take(nextSlot);
            nextSlot = nextSlot + 1 == hints.capacity() ? 0 : nextSlot + 1;
            if (page != 0) {
                found++;
                tidy(page);
            }
        }
        return found > 0;
    }

    /** What had to wait for the low watermark is looked at again when that has come far enough. */
    private void recall() {
        long watermark = context.engine().snapshots().lowWatermark();
        if (watermark < nextNeeded) {
            return;
        }
        nextNeeded = Long.MAX_VALUE;
        later.entrySet().removeIf(leaf -> {
            boolean due = leaf.getValue() <= watermark;
            if (due) {
                hints.add(leaf.getKey());
            } else {
                nextNeeded = Math.min(nextNeeded, leaf.getValue());
            }
            return due;
        });
    }

    private void keepFor(long page, long neededUpTo) {
        if (later.size() < hints.capacity()) {
            later.put(page, neededUpTo);
            nextNeeded = Math.min(nextNeeded, neededUpTo);
        }
    }

    private void tidy(long page) {
        working.lock();
        try {
            Care care = new Care(page);
            care.start();
            care.finished.await();
            if (care.ghostsNeededUpTo != 0) {
                keepFor(page, care.ghostsNeededUpTo);
            }
        } finally {
            working.unlock();
        }
    }

    /** Whether there is nothing to do now, nor once the low watermark moves. On the maintainer's own thread, or where it has none. */
    boolean isIdle() {
        return hints.isEmpty() && later.isEmpty();
    }

    /** How many times ghosts were removed from a leaf. */
    public long purges() {
        return contraction.purges();
    }

    /** Pages that were merged into a neighbour, or into the root, and freed. */
    public long merges() {
        return contraction.merges();
    }

    /** Returns when nothing is under way, and nothing will be before {@link #resume}. Engine threads only, one at a time. */
    public void suspend() {
        suspended = true;
        working.lock();
    }

    /** Goes on. */
    public void resume() {
        suspended = false;
        working.unlock();
    }

    /** Ends the thread; the rooms it works in are still open. Idempotent. */
    @Override
    public void close() {
        closed = true;
        if (thread != null) {
            threads.unpark(thread);
            threads.join(thread);
        }
    }

    /** Looks after one leaf, and the pages on the way to it, until nothing is left to do there. */
    private final class Care extends Operation {
        private final long page;
        private final Completion finished = new Completion(threads);
        private TreeRef tree;
        private byte[] key;
        private long ghostsNeededUpTo;
        private int attempts;

        Care(long page) {
            super(TreeMaintainer.this.context);
            this.page = page;
        }

        @Override
        protected Step step(Workspace workspace) {
            if (++attempts > MOST_ATTEMPTS) {
                hints.add(page);
                return Step.DONE;
            }
            if (key == null) {
                Step located = contraction.locate(workspace, catalogue, page);
                TreeScratch scratch = TreeScratch.of(workspace);
                if (located != Step.DONE || scratch.tree == null) {
                    return located;
                }
                tree = scratch.tree;
                key = new byte[workspace.keyLength];
                Memory.copyToArray(workspace.keyAddress, key, 0, key.length);
            }
            workspace.key(key, 0, key.length);
            return contract(workspace, TreeScratch.of(workspace));
        }

        private Step contract(Workspace workspace, TreeScratch scratch) {
            if (tree.isReclaimed()) {
                return Step.DONE;
            }
            Step step = scratch.descent.to(context().engine().pool(), workspace, tree, Descent.Target.KEY);
            if (step == Step.DONE) {
                step = contraction.contract(workspace, tree, scratch);
            }
            ghostsNeededUpTo = scratch.ghostsNeededUpTo;
            return step;
        }

        @Override
        protected void done() {
            finished.complete();
        }

        @Override
        protected void failed(Throwable cause) {
            if (!(cause instanceof MillraceException)) {
                LOG.log(System.Logger.Level.WARNING, "a leaf could not be tidied", cause);
            }
            finished.complete();
        }
    }
}
