package io.millrace.btree;

import io.millrace.common.EngineThreads;
import io.millrace.txn.Engine;
import io.millrace.txn.OperationContext;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Frees the pages of what is pending: dropped trees, once no open snapshot sees them, and what an earlier run of the store has left. A thread
 * of its own, which does a little at a time, each bit a mini-transaction: a crash leaves the rest pending, and the next run goes on with it.
 *
 * <p>What can't be read stays pending until the store is opened again; the others go on.
 */
public final class Reclaimer implements AutoCloseable {
    private static final long IDLE_NANOS = 1_000_000_000;
    private static final long WATCH_NANOS = 20_000_000;

    /**
     * What is to be freed.
     *
     * @param head root of the tree
     * @param tree null if it was dropped by an earlier run
     */
    private record Pending(long head, TreeRef tree) {
        boolean isSeenAt(long lsn) {
            return tree != null && lsn < tree.endedLsn();
        }
    }

    private final Engine engine;
    private final Catalogue catalogue;
    private final EngineThreads threads;
    private final Queue<Pending> inbox = new ConcurrentLinkedQueue<>();
    // What came in and is not freed; up by who brings it, down by the thread.
    private final AtomicInteger pending = new AtomicInteger();
    private final Deque<Pending> waiting = new ArrayDeque<>();
    private volatile OperationContext context;
    private volatile Thread thread;
    private volatile boolean closed;

    Reclaimer(BTree trees, Catalogue catalogue) {
        this.catalogue = catalogue;
        engine = trees.engine();
        threads = engine.threads();
    }

    /** Starts the thread; after undo, so that what is pending then was pending when the last run ended. */
    public void start(OperationContext operationContext) {
        context = operationContext;
        for (long head : engine.pages().pendingAtOpen()) {
            add(new Pending(head, null));
        }
        thread = threads.start("reclaim", this::run);
    }

    /** The tree has no name any more. */
    void dropped(TreeRef tree) {
        add(new Pending(tree.rootPage(), tree));
        threads.unpark(thread);
    }

    private void add(Pending one) {
        pending.incrementAndGet();
        inbox.add(one);
    }

    /** Whether everything is freed that came in. */
    public boolean isIdle() {
        return pending.get() == 0;
    }

    private void run() {
        while (!closed) {
            for (Pending one = inbox.poll(); one != null; one = inbox.poll()) {
                waiting.add(one);
            }
            long watermark = engine.snapshots().lowWatermark();
            boolean remembers = catalogue.forgetBefore(watermark);
            freeUnseen(watermark);
            if (!closed && inbox.isEmpty()) {
                threads.park(this, waiting.isEmpty() && !remembers ? IDLE_NANOS : WATCH_NANOS);
            }
        }
    }

    private void freeUnseen(long watermark) {
        for (Iterator<Pending> all = waiting.iterator(); all.hasNext() && !closed; ) {
            Pending one = all.next();
            if (!one.isSeenAt(watermark) && free(one)) {
                all.remove();
                pending.decrementAndGet();
            }
        }
    }

    /** False if the rest has to wait: the store is being closed, or there is no space for the log. */
    private boolean free(Pending one) {
        if (one.tree() != null) {
            one.tree().reclaim();
        }
        boolean more = true;
        while (more) {
            if (closed) {
                return false;
            }
            TreeRemoval removal = new TreeRemoval(context, one.head());
            more = removal.finish();
            if (removal.wasRefused()) {
                return false;
            }
        }
        if (one.tree() != null) {
            catalogue.reclaimed(one.tree());
        }
        return true;
    }

    /** Ends the thread when what it is doing is done. Idempotent. */
    @Override
    public void close() {
        closed = true;
        if (thread != null) {
            threads.unpark(thread);
            threads.join(thread);
        }
    }
}
