package io.millrace.btree;

import io.millrace.buffer.BufferPool;
import io.millrace.common.Completion;
import io.millrace.error.StorageFullException;
import io.millrace.txn.MiniTransaction;
import io.millrace.txn.Operation;
import io.millrace.txn.OperationContext;
import io.millrace.txn.PageAllocator;
import io.millrace.txn.Step;
import io.millrace.txn.StopBits;
import io.millrace.txn.Workspace;

/**
 * Takes some pages off the right end of a tree that nobody can reach: the last leaves of the last inner page above leaves, or an inner page
 * that has no child left, or, in the end, the root. Leaves need not be in memory for that. Each bit is one mini-transaction: the pages are
 * free and the page above no longer names them, or neither.
 */
final class TreeRemoval extends Operation {
    /** With the inner page and a page of the space map for each there is room for so many in a mini-transaction. */
    private static final int MAX_LEAVES = (MiniTransaction.MAX_PAGES - 1) / 2;

    private static final int BITS_PER_RUN = 64;

    private final BufferPool pool;
    private final PageAllocator pages;
    private final int pageSize;
    private final long root;
    private final long[] leaves = new long[MAX_LEAVES];
    private final Completion ended;
    private boolean removed;
    private boolean failed;
    private boolean refused;

    TreeRemoval(OperationContext context, long root) {
        super(context);
        this.root = root;
        pool = context.engine().pool();
        pages = context.engine().pages();
        pageSize = pool.pageSize();
        ended = new Completion(context.engine().threads());
    }

    /** Takes some pages away, and waits for that; on an engine thread. Whether there is more to do. */
    boolean finish() {
        start();
        ended.await();
        return !removed && !failed;
    }

    /** After {@link #finish}: it failed for lack of space in the log and can be tried again later (L13). */
    boolean wasRefused() {
        return refused;
    }

    @Override
    protected Step step(Workspace workspace) {
        Step step = Step.DONE;
        for (int i = 0; i < BITS_PER_RUN && step == Step.DONE && !removed; i++) {
            step = removeSome(workspace);
        }
        return step;
    }

    private Step removeSome(Workspace workspace) {
        long page = root;
        int parentFrame = BufferPool.MISS;
        long parentStamp = 0;
        while (true) {
            int frame = pool.frameOf(page);
            if (frame == BufferPool.MISS) {
                workspace.missedPage = page;
                return Step.PAGE_MISS;
            }
            long stamp = pool.stamp(frame);
            if (stamp == 0 || pool.pageIdOf(frame) != page) {
                return Step.CONTENDED;
            }
            long address = pool.address(frame);
            boolean inner = SlottedPageLayout.isInner(address);
            int last = inner ? SlottedPageLayout.slotCount(address, pageSize) - 1 : InnerPage.LEFTMOST;
            long child = inner ? InnerPage.child(address, pageSize, last) : 0;
            int level = SlottedPageLayout.level(address);
            if (!pool.validate(frame, stamp)) {
                return Step.CONTENDED;
            }
            if (child == 0) {
                return removeChildless(workspace, page, frame, stamp, parentFrame, parentStamp);
            }
            if (level == 1) {
                return removeLeaves(workspace, frame, stamp);
            }
            parentFrame = frame;
            parentStamp = stamp;
            page = child;
        }
    }

    /** A root that is a leaf, or an inner page whose children are gone. */
    private Step removeChildless(
            Workspace workspace, long page, int frame, long stamp, int parentFrame, long parentStamp) {
        MiniTransaction mini = workspace.miniTransaction;
        mini.beginStructure(false);
        if (page != root) {
            detach(mini, parentFrame, parentStamp, SlottedPageLayout.slotCount(pool.address(parentFrame), pageSize));
        }
        Step step = end(workspace, pages.free(workspace, mini, page, frame, stamp));
        removed = step == Step.DONE && page == root;
        return step;
    }

    private Step removeLeaves(Workspace workspace, int frame, long stamp) {
        long page = pool.address(frame);
        int children = SlottedPageLayout.slotCount(page, pageSize) + 1;
        int count = Math.min(MAX_LEAVES, children);
        for (int i = 0; i < count; i++) {
            leaves[i] = InnerPage.child(page, pageSize, children - 2 - i);
        }
        if (!pool.validate(frame, stamp)) {
            return Step.CONTENDED;
        }
        MiniTransaction mini = workspace.miniTransaction;
        mini.beginStructure(false);
        detach(mini, frame, stamp, children - count);
        Step step = Step.DONE;
        for (int i = 0; i < count && step == Step.DONE; i++) {
            long leaf = leaves[i];
            int leafFrame = pool.frameOf(leaf);
            long leafStamp = leafFrame == BufferPool.MISS ? 0 : pool.stamp(leafFrame);
            if (leafFrame != BufferPool.MISS && (leafStamp == 0 || pool.pageIdOf(leafFrame) != leaf)) {
                step = Step.CONTENDED;
            } else {
                step = pages.free(workspace, mini, leaf, leafFrame, leafStamp);
            }
        }
        return end(workspace, step);
    }

    private static void detach(MiniTransaction mini, int frame, long stamp, int keep) {
        mini.change(frame, stamp, TreeOperation.INNER_DETACH.code(), StopBits.length(keep))
                .putStopBit(keep);
    }

    private static Step end(Workspace workspace, Step planned) {
        MiniTransaction mini = workspace.miniTransaction;
        if (planned != Step.DONE) {
            mini.abandon();
            return planned;
        }
        Step step = mini.admit(workspace);
        if (step == Step.DONE) {
            step = mini.latch();
        }
        if (step == Step.DONE) {
            mini.commit(null);
        }
        return step;
    }

    @Override
    protected void done() {
        ended.complete();
    }

    @Override
    protected void failed(Throwable cause) {
        // It stays pending.
        failed = true;
        refused = cause instanceof StorageFullException;
        ended.complete();
    }
}
