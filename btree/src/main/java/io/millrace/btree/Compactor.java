package io.millrace.btree;

import io.millrace.buffer.BufferPool;
import io.millrace.common.Completion;
import io.millrace.common.EngineThreads;
import io.millrace.error.StoreClosedException;
import io.millrace.recovery.Checkpointer;
import io.millrace.txn.MiniTransaction;
import io.millrace.txn.OperationContext;
import io.millrace.txn.PageAllocator;
import io.millrace.txn.SpaceMap;
import io.millrace.txn.Step;
import io.millrace.txn.Workspace;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Makes the data file shorter while it is in use, a page at a time, in the pauses of {@link TreeMaintainer}:
 *
 * <ol>
 *   <li>wait a moment for what deletes and drops have just left behind to be free to go;
 *   <li>through all trees, leaf by leaf: ghosts go, and neighbours that fit into one page are merged ({@link Contraction});
 *   <li>seal as much of the end of the file as could be free ({@link PageAllocator#sealTail});
 *   <li>through all trees once more, inner page by inner page: what lies in the tail is moved before it ({@link Relocation}, {@link
 *       Catalogue#moveRoot});
 *   <li>have what is free at the end cut off behind a checkpoint ({@link Checkpointer#cut}).
 * </ol>
 *
 * <p>Each merge and each move is a mini-transaction of its own, so it can end anywhere. One compaction after the other; the maintainer's thread.
 */
final class Compactor {
    /** Of {@link #work}: there is nothing to do. */
    static final long NOTHING = Long.MAX_VALUE;

    private static final int STEPS_PER_SLICE = 64;
    private static final long SETTLING_NANOS = 200_000_000;
    /** As long as drops are being freed. */
    private static final long MOST_SETTLING_NANOS = 10_000_000_000L;

    private static final long LOOK_NANOS = 5_000_000;

    /** A tree to go through; the catalogue itself has no name. */
    private record Target(String name, TreeRef tree) {}

    private enum Phase {
        SETTLING,
        MERGING,
        MOVING,
        CUTTING
    }

    private final OperationContext context;
    private final Catalogue catalogue;
    private final Contraction contraction;
    private final Relocation relocation;
    private final Checkpointer checkpointer;
    private final PageAllocator pages;
    private final EngineThreads threads;
    private final int pageSize;
    private final Queue<Compaction> requests = new ConcurrentLinkedQueue<>();
    private final Deque<Target> trees = new ArrayDeque<>();
    private Compaction current;
    private Phase phase;
    private KeyWalk walk;
    private long settledLsn;
    private long tail;
    // When the next page may be touched; while settling, until when to wait.
    private long due;

    Compactor(
            OperationContext context,
            BTree trees,
            Catalogue catalogue,
            Contraction contraction,
            Checkpointer checkpointer) {
        this.context = context;
        this.catalogue = catalogue;
        this.contraction = contraction;
        this.checkpointer = checkpointer;
        relocation = new Relocation(context.engine(), trees.restructuring());
        pages = context.engine().pages();
        threads = context.engine().threads();
        pageSize = context.engine().pool().pageSize();
    }

    /** Any thread. */
    void add(Compaction compaction) {
        requests.add(compaction);
    }

    /** Does a little; answers after how many nanoseconds there is more to do, or {@link #NOTHING}. */
    long work() {
        if (current == null) {
            begin();
        }
        for (int i = 0; i < STEPS_PER_SLICE && current != null; i++) {
            long pause = pause();
            if (pause > 0) {
                return pause;
            }
            try {
                step();
            } catch (RuntimeException failure) {
                Compaction failed = end();
                failed.end().completeExceptionally(failure);
            }
        }
        return current == null && requests.isEmpty() ? NOTHING : 0;
    }

    private void begin() {
        current = requests.poll();
        if (current != null) {
            current.began(fileBytes(), threads.nanoTime());
            settledLsn = context.engine().visibleLsn();
            due = threads.nanoTime() + SETTLING_NANOS;
            phase = Phase.SETTLING;
        }
    }

    private long pause() {
        if (current.isCancelled()) {
            return 0;
        }
        long rest = due - threads.nanoTime();
        if (phase == Phase.SETTLING) {
            boolean settled = context.engine().snapshots().lowWatermark() >= settledLsn
                    && catalogue.reclaimer().isIdle();
            boolean patient = catalogue.reclaimer().isFreeing() && rest > -MOST_SETTLING_NANOS;
            return settled ? 0 : patient ? LOOK_NANOS : Math.min(rest, LOOK_NANOS);
        }
        return rest;
    }

    private void step() {
        if (current.isCancelled()) {
            succeed();
            return;
        }
        switch (phase) {
            case SETTLING -> {
                due = threads.nanoTime();
                goThroughTrees(Phase.MERGING);
            }
            case MERGING -> {
                if (nextTree()) {
                    merge();
                } else {
                    seal();
                }
            }
            case MOVING -> {
                if (nextTree()) {
                    move();
                } else {
                    phase = Phase.CUTTING;
                }
            }
            case CUTTING -> {
                cut();
                succeed();
            }
        }
    }

    private void goThroughTrees(Phase next) {
        phase = next;
        walk = null;
        trees.clear();
        trees.add(new Target(null, Catalogue.SELF));
        for (String name : catalogue.names()) {
            TreeRef tree = catalogue.find(name);
            if (tree != null) {
                trees.add(new Target(name, tree));
            }
        }
    }

    private boolean nextTree() {
        if (walk == null || walk.hasEnded()) {
            if (walk != null) {
                trees.remove();
            }
            walk = new KeyWalk();
        }
        return !trees.isEmpty();
    }

    private void merge() {
        TreeRef tree = trees.element().tree();
        long before = contraction.merges();
        int loaded = Errand.run(context, workspace -> contraction.contractNext(workspace, tree, walk));
        long merged = contraction.merges() - before;
        current.merged(merged);
        spend(1 + loaded + merged);
    }

    private void seal() {
        tail = pages.sealTail();
        if (tail < pages.filePages()) {
            goThroughTrees(Phase.MOVING);
        } else {
            succeed();
        }
    }

    private void move() {
        AtomicReference<Relocation.Outcome> outcome = new AtomicReference<>();
        int loaded = move(trees.element(), outcome);
        if (outcome.get() == Relocation.Outcome.MOVED) {
            current.moved();
        }
        spend(1L + loaded);
        if (outcome.get() == Relocation.Outcome.NO_ROOM || !pages.isSealed()) {
            phase = Phase.CUTTING;
        }
    }

    /** The root first, then what hangs on it. */
    private int move(Target target, AtomicReference<Relocation.Outcome> outcome) {
        TreeRef tree = target.tree();
        if (target.name() != null && tree.rootPage() >= tail && tree.isCurrent()) {
            return Errand.run(
                    context, workspace -> catalogue.moveRoot(workspace, target.name(), tree, tail, outcome::set));
        }
        return Errand.run(context, workspace -> relocation.move(workspace, tree, walk, tail, outcome::set));
    }

    private void cut() {
        long end = Math.max(tail, pages.pagesInUse());
        if (!pages.isSealed() || end >= pages.filePages()) {
            return;
        }
        AtomicReference<Long> mark = new AtomicReference<>();
        Errand.run(context, workspace -> mark(workspace, mark));
        Completion done = new Completion(threads);
        CompletableFuture<Boolean> unused = checkpointer.cut(end, mark.get()).whenComplete((cut, failure) -> {
            if (failure == null) {
                done.complete();
            } else {
                done.fail(failure);
            }
        });
        done.await();
    }

    /** A record that changes nothing, behind all that concern the pages that were free when it was written. */
    private Step mark(Workspace workspace, AtomicReference<Long> lsn) {
        BufferPool pool = context.engine().pool();
        long mapPage = SpaceMap.mapPageOf(0, pageSize);
        int frame = pool.frameOf(mapPage);
        if (frame == BufferPool.MISS) {
            workspace.missedPage = mapPage;
            return Step.PAGE_MISS;
        }
        long stamp = pool.stamp(frame);
        if (stamp == 0 || pool.pageIdOf(frame) != mapPage) {
            return Step.CONTENDED;
        }
        MiniTransaction mini = workspace.miniTransaction;
        mini.beginStructure(false);
        mini.change(frame, stamp, SpaceMap.CLEAR, 0);
        Step step = mini.admit(workspace);
        if (step == Step.DONE) {
            step = mini.latch();
        }
        if (step == Step.DONE) {
            lsn.set(mini.commit(null));
        }
        return step;
    }

    private void spend(long touchedPages) {
        due = Math.max(due, threads.nanoTime()) + current.nanosFor(touchedPages * pageSize);
    }

    private void succeed() {
        Compaction ended = end();
        ended.end().complete(ended);
    }

    private Compaction end() {
        Compaction ended = current;
        current = null;
        trees.clear();
        pages.unseal();
        ended.ended(fileBytes(), threads.nanoTime());
        return ended;
    }

    private long fileBytes() {
        return pages.filePages() * pageSize;
    }

    /** Nothing is done any more. */
    void close() {
        if (current != null) {
            end().end().completeExceptionally(closed());
        }
        refuse();
    }

    /** Ends what was asked for and not begun; any thread. */
    void refuse() {
        for (Compaction one = requests.poll(); one != null; one = requests.poll()) {
            one.end().completeExceptionally(closed());
        }
    }

    private static StoreClosedException closed() {
        return new StoreClosedException("compaction");
    }
}
