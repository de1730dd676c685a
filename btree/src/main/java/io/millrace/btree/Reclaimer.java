package io.millrace.btree;

import io.millrace.common.EngineThreads;
import io.millrace.txn.Engine;
import io.millrace.txn.OperationContext;
import io.millrace.txn.UnneededValues;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Frees the pages of what is pending: dropped trees and long values, once no open snapshot sees them, and what an earlier run of the store has
 * left. A thread of its own, which does a little at a time, each bit a mini-transaction: a crash leaves the rest pending, and the next run goes on with it.
 *
 * <p>What can't be read stays pending until the store is opened again; the others go on.
 */
public final class Reclaimer implements UnneededValues, AutoCloseable {
    private static final long IDLE_NANOS = 1_000_000_000;
    private static final long WATCH_NANOS = 20_000_000;

    /** What is to be freed. */
    private static final class Pending {
        /** Null of a long value, and of a tree that was dropped by an earlier run. */
        private final TreeRef tree;

        /** Snapshots from here on do not see it. */
        private final long endLsn;

        /** Root of the tree, or the first page of the value that is still there. */
        private long head;

        Pending(long head, TreeRef tree, long endLsn) {
            this.head = head;
            this.tree = tree;
            this.endLsn = endLsn;
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
    // Written by the thread.
    private volatile boolean freeing;
    private volatile boolean closed;

    Reclaimer(BTree trees, Catalogue catalogue) {
        this.catalogue = catalogue;
        engine = trees.engine();
        threads = engine.threads();
    }

    /** Starts the thread; after undo, so that what is pending then was pending when the last run ended. */
    public void start(OperationContext operationContext) {
        context = operationContext;
        for (long head : engine.pages().pending()) {
            add(new Pending(head, null, 0));
        }
        thread = threads.start("reclaim", this::run);
    }

    /** The tree has no name any more. */
    void dropped(TreeRef tree) {
        add(new Pending(tree.rootPage(), tree, tree.endedLsn()));
        threads.unpark(thread);
    }

    /**
     * The long value that begins with this page has been unlinked, or has never been linked, and no other transaction has seen it. Not for those
     * that restart unlinks, before this is started: they are found among what is pending.
     *
     * @param head 0 for none
     */
    public void unlinked(long head) {
        if (head != 0 && context != null) {
            add(new Pending(head, null, 0));
            threads.unpark(thread);
        }
    }

    @Override
    public void unneeded(long reference, long endLsn) {
        add(new Pending(LongValueLayout.head(reference), null, endLsn));
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

    /** Whether it is at work, and does not only wait for snapshots to end. */
    boolean isFreeing() {
        return freeing;
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
            freeing = one.endLsn <= watermark;
            if (freeing && free(one)) {
                all.remove();
                pending.decrementAndGet();
            }
            freeing = false;
        }
    }

    /** False if the rest has to wait: the store is being closed, or there is no space for the log. */
    private boolean free(Pending one) {
        if (one.tree != null) {
            one.tree.reclaim();
        }
        boolean more = true;
        while (more) {
            if (closed) {
                return false;
            }
            TreeRemoval removal = new TreeRemoval(context, one.head);
            more = removal.finish();
            one.head = removal.head();
            for (long head : removal.unlinked()) {
                add(new Pending(head, null, 0));
            }
            if (removal.wasRefused()) {
                return false;
            }
        }
        if (one.tree != null) {
            catalogue.reclaimed(one.tree);
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
