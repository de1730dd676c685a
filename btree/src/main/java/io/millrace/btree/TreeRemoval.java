package io.millrace.btree;

import io.millrace.buffer.BufferPool;
import io.millrace.common.Completion;
import io.millrace.error.StorageFullException;
import io.millrace.txn.MiniTransaction;
import io.millrace.txn.Operation;
import io.millrace.txn.OperationContext;
import io.millrace.txn.PageAllocator;
import io.millrace.txn.SpaceMap;
import io.millrace.txn.Step;
import io.millrace.txn.StopBits;
import io.millrace.txn.Workspace;
import org.agrona.collections.LongArrayList;

/**
 * Takes some pages off what nobody can reach: off the right end of a tree, a leaf, or an inner page that has no child left, or, in the end, the
 * root; or the first page off a long value. Each bit is one mini-transaction: the page is free and whatever named it no longer does, or
 * neither. A long value that is linked in a leaf becomes pending first.
 */
final class TreeRemoval extends Operation {
    private static final int BITS_PER_RUN = 64;

    private final BufferPool pool;
    private final PageAllocator pages;
    private final int pageSize;
    private final LongArrayList unlinked = new LongArrayList();
    private final Completion ended;
    private long head;
    private boolean removed;
    private boolean failed;
    private boolean refused;

    /** {@code head} is the root of the tree, or the first page of the long value. */
    TreeRemoval(OperationContext context, long head) {
        super(context);
        this.head = head;
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

    /** After {@link #finish}, if there is more to do: the root, or the page that is now the long value's first one. */
    long head() {
        return head;
    }

    /** After {@link #finish}: first pages of long values that were linked in the tree and are pending now. */
    long[] unlinked() {
        return unlinked.toLongArray();
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
        long page = head;
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
            if (LongValueLayout.isPart(address)) {
                return removePart(workspace, page, frame, stamp);
            }
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
                return removeLeaf(workspace, frame, stamp, child);
            }
            parentFrame = frame;
            parentStamp = stamp;
            page = child;
        }
    }

    /** The first page of a long value: the next one is the first from now on. */
    private Step removePart(Workspace workspace, long page, int frame, long stamp) {
        long next = LongValueLayout.next(pool.address(frame));
        if (!pool.validate(frame, stamp)) {
            return Step.CONTENDED;
        }
        MiniTransaction mini = workspace.miniTransaction;
        mini.beginStructure(false);
        Step step = pages.free(workspace, mini, page, frame, stamp);
        if (step == Step.DONE && next != 0) {
            step = pages.plan(workspace, mini, SpaceMap.PEND, next);
        }
        step = end(workspace, step);
        if (step == Step.DONE) {
            head = next;
            removed = next == 0;
        }
        return step;
    }

    /** A root that is a leaf, or an inner page whose children are gone. */
    private Step removeChildless(
            Workspace workspace, long page, int frame, long stamp, int parentFrame, long parentStamp) {
        if (SlottedPageLayout.isLeaf(pool.address(frame)) && LongValueLinks.isAnyIn(pool.address(frame), pageSize)) {
            return LongValueLinks.unlinkSome(context().engine(), workspace, frame, stamp, unlinked);
        }
        MiniTransaction mini = workspace.miniTransaction;
        mini.beginStructure(false);
        if (page != head) {
            detach(mini, parentFrame, parentStamp, SlottedPageLayout.slotCount(pool.address(parentFrame), pageSize));
        }
        Step step = end(workspace, pages.free(workspace, mini, page, frame, stamp));
        removed = step == Step.DONE && page == head;
        return step;
    }

    /** The last leaf below an inner page. */
    private Step removeLeaf(Workspace workspace, int parentFrame, long parentStamp, long leaf) {
        int frame = pool.frameOf(leaf);
        if (frame == BufferPool.MISS) {
            workspace.missedPage = leaf;
            return Step.PAGE_MISS;
        }
        long stamp = pool.stamp(frame);
        if (stamp == 0 || pool.pageIdOf(frame) != leaf) {
            return Step.CONTENDED;
        }
        if (LongValueLinks.isAnyIn(pool.address(frame), pageSize)) {
            return LongValueLinks.unlinkSome(context().engine(), workspace, frame, stamp, unlinked);
        }
        MiniTransaction mini = workspace.miniTransaction;
        mini.beginStructure(false);
        detach(mini, parentFrame, parentStamp, SlottedPageLayout.slotCount(pool.address(parentFrame), pageSize));
        return end(workspace, pages.free(workspace, mini, leaf, frame, stamp));
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
