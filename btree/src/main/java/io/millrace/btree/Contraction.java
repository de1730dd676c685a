package io.millrace.btree;

import io.millrace.buffer.BufferPool;
import io.millrace.buffer.PageLayout;
import io.millrace.common.Memory;
import io.millrace.txn.Engine;
import io.millrace.txn.MiniTransaction;
import io.millrace.txn.Step;
import io.millrace.txn.StopBits;
import io.millrace.txn.Workspace;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Makes a tree smaller where there is room: removes ghosts of a leaf, merges a page that is less than a third full with a neighbour under the same
 * parent if both fit into one, and takes the content of a root's only child into the root. Each is a mini-transaction of its own, redo only,
 * that changes all pages concerned and frees one (L3): whoever read one of them before finds its stamp void and starts anew.
 *
 * <p>A merge goes into the left page and removes the right one's separator from the parent. There is no borrowing from a neighbour that is
 * too full to merge with: two such are more than half full on average. An inner page may be left without a separator, with one child; it is merged
 * like any other.
 *
 * <p>Leaves with entries of a running transaction are not merged: what it has deleted or shortened may have to come back, and the room for that is
 * theirs until it ends (D3). A dropped tree whose pages are being freed is left alone.
 *
 * <p>Planned on private copies: the left page in the workspace's second page buffer, the right one in its memory for values, the result in the
 * first page buffer. So nothing but the tree's own business may run in the workspace.
 */
final class Contraction {
    /** Less than one part of so many in use: a page worth merging. */
    private static final int UNDERFULL = 3;
    /** Ghosts are removed if that makes one part of so many free, or the page underfull. */
    private static final int WORTHWHILE = 16;
    /** Pages are merged if so many eighths are enough for both. */
    private static final int MERGED_EIGHTHS = 7;

    private final Engine engine;
    private final BufferPool pool;
    private final int pageSize;
    private final Restructuring restructuring;
    private final GhostPurge ghosts;
    private final AtomicLong purges = new AtomicLong();
    private final AtomicLong merges = new AtomicLong();

    Contraction(Engine engine, Restructuring restructuring) {
        this.engine = engine;
        this.restructuring = restructuring;
        ghosts = new GhostPurge(engine);
        pool = engine.pool();
        pageSize = pool.pageSize();
    }

    /** Whether a page looks as if it should be merged; may be asked of a page that changes. */
    static boolean isUnderfull(long page, int pageSize) {
        return PageEditor.spareBytes(page, pageSize) > pageSize - pageSize / UNDERFULL;
    }

    /**
     * Does one thing, if there is one to do, on the way to the workspace's key, which the descent has gone. With DONE
     * {@code ghostsNeededUpTo} says what the low watermark must reach before it is worth looking at the leaf again, 0 for never.
     *
     * @return DONE if there is nothing to do; CONTENDED when something was done or came in between: go there again; or what to wait for
     */
    Step contract(Workspace workspace, TreeRef tree, TreeScratch scratch) {
        return contract(workspace, tree, scratch, false);
    }

    /**
     * The same.
     *
     * @param whole whether every ghost that can go is worth going, and every pair of pages that fits into one is to be merged
     */
    Step contract(Workspace workspace, TreeRef tree, TreeScratch scratch, boolean whole) {
        Descent descent = scratch.descent;
        Memory.copy(pool.address(descent.leafFrame()), workspace.secondPageBuffer, pageSize);
        if (!descent.leafValid(pool)) {
            return Step.CONTENDED;
        }
        int spare = PageEditor.spareBytes(workspace.secondPageBuffer, pageSize);
        int worthwhile = whole ? 0 : Math.min(spare + pageSize / WORTHWHILE, pageSize - pageSize / UNDERFULL);
        Step step = ghosts.purge(workspace, tree, scratch, worthwhile, false);
        count(purges, step);
        scratch.ghostsNeededUpTo = step == null ? ghosts.neededUpTo(workspace.secondPageBuffer) : 0;
        for (int level = descent.leaf(); level > 0 && step == null; level--) {
            step = merge(workspace, tree, descent, level, whole);
        }
        if (step == null && descent.leaf() > 0 && slots(descent, 0) == 0) {
            step = lowerRoot(workspace, tree, descent);
        }
        if (step == null) {
            return descent.allValid(pool) ? Step.DONE : Step.CONTENDED;
        }
        return step == Step.DONE ? Step.CONTENDED : step;
    }

    /** Does the same for the leaf the walk has come to, whole, until there is nothing to do, and goes on behind it. */
    Step contractNext(Workspace workspace, TreeRef tree, KeyWalk walk) {
        if (tree.isReclaimed()) {
            walk.end();
            return Step.DONE;
        }
        walk.to(workspace);
        TreeScratch scratch = TreeScratch.of(workspace);
        Descent descent = scratch.descent;
        Step step = descent.to(pool, workspace, tree, Descent.Target.KEY);
        if (step == Step.DONE) {
            step = contract(workspace, tree, scratch, true);
        }
        if (step == Step.DONE) {
            byte[] fence = KeyWalk.highFence(pool.address(descent.leafFrame()), pageSize);
            if (!descent.leafValid(pool)) {
                return Step.CONTENDED;
            }
            walk.goBehind(fence);
        }
        return step;
    }

    private int slots(Descent descent, int level) {
        return SlottedPageLayout.slotCount(pool.address(descent.frame(level)), pageSize);
    }

    /** Merges the page at {@code level} with its right neighbour, or its left one, if one of the two is underfull; null if not, or if they don't fit. */
    private Step merge(Workspace workspace, TreeRef tree, Descent descent, int level, boolean whole) {
        int index = descent.childIndex(level - 1);
        Step step = null;
        if (index + 1 < slots(descent, level - 1)) {
            step = merge(workspace, tree, descent, level, index + 1, whole);
        }
        if (step == null && index > InnerPage.LEFTMOST) {
            step = merge(workspace, tree, descent, level, index - 1, whole);
        }
        return step;
    }

    private Step merge(
            Workspace workspace, TreeRef tree, Descent descent, int level, int neighbourIndex, boolean whole) {
        long parent = pool.address(descent.frame(level - 1));
        long neighbour = InnerPage.child(parent, pageSize, neighbourIndex);
        int frame = pool.frameOf(neighbour);
        long stamp = frame < 0 ? 0 : pool.stamp(frame);
        if (!descent.valid(pool, level - 1)) {
            return Step.CONTENDED;
        }
        boolean underfull = whole || isUnderfull(pool.address(descent.frame(level)), pageSize);
        if (frame < 0) {
            workspace.missedPage = neighbour;
            return underfull ? Step.PAGE_MISS : null;
        }
        if (stamp == 0 || pool.pageIdOf(frame) != neighbour) {
            return Step.CONTENDED;
        }
        if (!underfull && !isUnderfull(pool.address(frame), pageSize)) {
            return null;
        }
        boolean toRight = neighbourIndex > descent.childIndex(level - 1);
        Memory.copy(pool.address(descent.frame(level)), buffer(workspace, toRight), pageSize);
        Memory.copy(pool.address(frame), buffer(workspace, !toRight), pageSize);
        if (!descent.valid(pool, level) || !pool.validate(frame, stamp)) {
            return Step.CONTENDED;
        }
        long left = buffer(workspace, true);
        long right = buffer(workspace, false);
        // Asked after the copies were taken: they are from before its pages began to go, or it is said here.
        if (tree.isReclaimed() || MergePlan.bytes(left, right, pageSize) > mostBytes(left, right)) {
            return null;
        }
        long runningUpTo = Math.max(ghosts.runningUpTo(left), ghosts.runningUpTo(right));
        if (runningUpTo != 0) {
            TreeScratch scratch = TreeScratch.of(workspace);
            scratch.ghostsNeededUpTo = Math.max(scratch.ghostsNeededUpTo, runningUpTo);
            return null;
        }
        MergePlan.build(workspace.pageBuffer, left, right, pageSize);
        MiniTransaction mini = workspace.miniTransaction;
        mini.beginStructure(false);
        if (toRight) {
            restructuring.format(workspace, descent.frame(level), descent.stamp(level));
            removeSeparator(mini, descent, level - 1, right);
            return finish(workspace, neighbour, frame, stamp);
        }
        restructuring.format(workspace, frame, stamp);
        removeSeparator(mini, descent, level - 1, right);
        return finish(workspace, descent.page(level), descent.frame(level), descent.stamp(level));
    }

    /** A page without entries goes, however full its neighbour is; otherwise some room is left for what comes. */
    private int mostBytes(long left, long right) {
        boolean oneIsEmpty = SlottedPageLayout.isLeaf(left)
                && (SlottedPageLayout.slotCount(left, pageSize) == 0
                        || SlottedPageLayout.slotCount(right, pageSize) == 0);
        return oneIsEmpty ? pageSize : pageSize / 8 * MERGED_EIGHTHS;
    }

    private static long buffer(Workspace workspace, boolean left) {
        return left ? workspace.secondPageBuffer : workspace.valueBuffer;
    }

    /** The right page's low fence is the separator that leads to it. */
    private void removeSeparator(MiniTransaction mini, Descent descent, int level, long right) {
        int length = SlottedPageLayout.lowFenceLength(right, pageSize);
        mini.change(
                        descent.frame(level),
                        descent.stamp(level),
                        TreeOperation.INNER_REMOVE.code(),
                        StopBits.length(length) + length)
                .putStopBit(length)
                .putBytes(SlottedPageLayout.lowFence(right, pageSize), length);
    }

    /** The root has one child: its content moves into the root, whose page id stays. */
    private Step lowerRoot(Workspace workspace, TreeRef tree, Descent descent) {
        Memory.copy(pool.address(descent.frame(1)), workspace.pageBuffer, pageSize);
        if (!descent.valid(pool, 1) || !descent.valid(pool, 0)) {
            return Step.CONTENDED;
        }
        if (tree.isReclaimed()) {
            return null;
        }
        workspace.miniTransaction.beginStructure(false);
        restructuring.format(workspace, descent.frame(0), descent.stamp(0));
        return finish(workspace, descent.page(1), descent.frame(1), descent.stamp(1));
    }

    private Step finish(Workspace workspace, long freedPage, int frame, long stamp) {
        MiniTransaction mini = workspace.miniTransaction;
        Step step = engine.pages().free(workspace, mini, freedPage, frame, stamp);
        if (step != Step.DONE) {
            mini.abandon();
            return step;
        }
        PageScratch.prepare(pageSize);
        step = Restructuring.finish(workspace);
        count(merges, step);
        return step;
    }

    private static void count(AtomicLong counter, Step step) {
        if (step == Step.DONE) {
            counter.incrementAndGet();
        }
    }

    /** Leaves from which ghosts were removed. */
    long purges() {
        return purges.get();
    }

    /** Pages that were merged into a neighbour, or into the root. */
    long merges() {
        return merges.get();
    }

    /**
     * Finds the tree that a leaf belongs to, and a key for the way down to it, which becomes the workspace's.
     *
     * @return DONE with the tree in the scratch, null if the page is no leaf of a tree any more; CONTENDED or PAGE_MISS
     */
    Step locate(Workspace workspace, Catalogue catalogue, long pageId) {
        int frame = pool.frameOf(pageId);
        if (frame < 0) {
            workspace.missedPage = pageId;
            return Step.PAGE_MISS;
        }
        long stamp = pool.stamp(frame);
        if (stamp == 0 || pool.pageIdOf(frame) != pageId) {
            return Step.CONTENDED;
        }
        long page = pool.address(frame);
        boolean leaf = SlottedPageLayout.isLeaf(page);
        int treeId = PageLayout.treeId(page);
        workspace.keyAddress = workspace.keyBuffer;
        workspace.keyLength = SlottedPageLayout.lowFenceLength(page, pageSize);
        Memory.copy(SlottedPageLayout.lowFence(page, pageSize), workspace.keyBuffer, workspace.keyLength);
        if (!pool.validate(frame, stamp)) {
            return Step.CONTENDED;
        }
        TreeScratch.of(workspace).tree = leaf ? catalogue.find(treeId) : null;
        return Step.DONE;
    }
}
