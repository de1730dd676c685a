package io.millrace.btree;

import io.millrace.buffer.BufferPool;
import io.millrace.common.Memory;
import io.millrace.txn.Engine;
import io.millrace.txn.MiniTransaction;
import io.millrace.txn.PageAllocator;
import io.millrace.txn.Step;
import io.millrace.txn.StopBits;
import io.millrace.txn.Workspace;
import java.util.function.Consumer;

/**
 * Moves pages of a tree out of the sealed tail of the data file. A move is one mini-transaction, redo only (L3): the page's content goes to a new
 * page, the parent names that one, the old page is free and erased. Whoever read one of the three before finds its stamp void and starts
 * anew. Roots are moved by {@link Catalogue#moveRoot}.
 *
 * <p>Looks for pages to be moved in inner pages only: a page that stays need not be in memory. A tree whose pages are being freed is left alone.
 */
final class Relocation {
    private static final int MAX_HEIGHT = 32;

    private final BufferPool pool;
    private final PageAllocator pages;
    private final int pageSize;
    private final Restructuring restructuring;

    Relocation(Engine engine, Restructuring restructuring) {
        this.restructuring = restructuring;
        pool = engine.pool();
        pages = engine.pages();
        pageSize = pool.pageSize();
    }

    /** What a step did. */
    enum Outcome {
        /** Looked at a part of the tree in which nothing, or nothing more, lies in the tail. */
        PASSED,
        /** Moved a page. */
        MOVED,
        /** Nothing is free before the tail. */
        NO_ROOM
    }

    /** A child and the place of its number, as read under a stamp of its parent. */
    private record Child(int parentFrame, long parentStamp, int index, long page) {}

    /**
     * Moves the next page in the tail, or goes on behind the inner page in which there is none.
     *
     * @param tail first page of the sealed tail
     * @param outcome told with DONE
     * @return DONE or what to wait for
     */
    Step move(Workspace workspace, TreeRef tree, KeyWalk walk, long tail, Consumer<Outcome> outcome) {
        walk.to(workspace);
        long root = tree.rootPage();
        Child at = new Child(BufferPool.MISS, 0, 0, root);
        for (int level = 0; level < MAX_HEIGHT && !tree.isReclaimed(); level++) {
            int frame = pool.frameOf(at.page());
            long stamp = frame == BufferPool.MISS ? 0 : pool.stamp(frame);
            if (level > 0 && !pool.validate(at.parentFrame(), at.parentStamp())) {
                return Step.CONTENDED;
            }
            if (frame == BufferPool.MISS) {
                workspace.missedPage = at.page();
                return Step.PAGE_MISS;
            }
            if (stamp == 0 || pool.pageIdOf(frame) != at.page()) {
                return Step.CONTENDED;
            }
            pool.touch(frame);
            long page = pool.address(frame);
            boolean inner = SlottedPageLayout.isInner(page);
            boolean lowest = SlottedPageLayout.level(page) == 1;
            int next = next(workspace, page, lowest, tail);
            Child child = new Child(frame, stamp, next, InnerPage.child(page, pageSize, next));
            byte[] fence = KeyWalk.highFence(page, pageSize);
            if (!pool.validate(frame, stamp) || tree.rootPage() != root) {
                return Step.CONTENDED;
            }
            if (!inner) {
                break;
            }
            if (child.page() >= tail) {
                return move(workspace, tree, child, tail, outcome);
            }
            if (lowest) {
                walk.goBehind(fence);
                outcome.accept(Outcome.PASSED);
                return Step.DONE;
            }
            at = child;
        }
        // A root that is a leaf, or a tree that is going.
        walk.end();
        outcome.accept(Outcome.PASSED);
        return Step.DONE;
    }

    /** Which child to look at: the one for the workspace's key; on the lowest level the first from there on that lies in the tail, or the last. */
    private int next(Workspace workspace, long page, boolean lowest, long tail) {
        int next = InnerPage.childIndex(page, pageSize, workspace.keyAddress, workspace.keyLength);
        int last = lowest ? SlottedPageLayout.slotCount(page, pageSize) - 1 : next;
        while (next < last && InnerPage.child(page, pageSize, next) < tail) {
            next++;
        }
        return next;
    }

    private Step move(Workspace workspace, TreeRef tree, Child child, long tail, Consumer<Outcome> outcome) {
        int frame = pool.frameOf(child.page());
        if (frame == BufferPool.MISS) {
            workspace.missedPage = child.page();
            return Step.PAGE_MISS;
        }
        long stamp = pool.stamp(frame);
        if (stamp == 0 || pool.pageIdOf(frame) != child.page()) {
            return Step.CONTENDED;
        }
        Memory.copy(pool.address(frame), workspace.pageBuffer, pageSize);
        if (!pool.validate(frame, stamp)
                || !pool.validate(child.parentFrame(), child.parentStamp())
                || tree.isReclaimed()) {
            return Step.CONTENDED;
        }
        long target = pages.reserve(false);
        if (target == 0) {
            return Step.NO_FREE_PAGE;
        }
        if (target >= tail) {
            pages.giveBack(target);
            outcome.accept(Outcome.NO_ROOM);
            return Step.DONE;
        }
        MiniTransaction mini = workspace.miniTransaction;
        mini.beginStructure(false);
        Step step = restructuring.install(workspace, target);
        if (step == Step.DONE) {
            int number = child.index() - InnerPage.LEFTMOST;
            int length = StopBits.length(number) + StopBits.length(target);
            mini.change(child.parentFrame(), child.parentStamp(), TreeOperation.INNER_MOVED.code(), length)
                    .putStopBit(number)
                    .putStopBit(target);
            step = pages.free(workspace, mini, child.page(), frame, stamp);
        }
        if (step == Step.DONE) {
            step = restructuring.link(workspace, target);
        }
        step = restructuring.finishWith(workspace, step, target, 0);
        if (step == Step.DONE) {
            outcome.accept(Outcome.MOVED);
        }
        return step;
    }
}
