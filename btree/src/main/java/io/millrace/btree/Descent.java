package io.millrace.btree;

import io.millrace.buffer.BufferPool;
import io.millrace.txn.Step;
import io.millrace.txn.Workspace;

/**
 * The way from a root to a leaf by optimistic lock coupling (Leis, Haubenschild, Neumann: Optimistic Lock Coupling, 2019): a child's stamp is
 * taken, then the parent is validated, so that the child was the right one when its stamp was taken. Remembers frames and stamps on the way.
 * Mutable, one per {@link TreeScratch}. Nothing is pinned or latched.
 */
final class Descent {
    /** Which leaf is wanted. */
    enum Target {
        /** The one whose range contains the key. */
        KEY,
        /** The one that holds the keys just below the key. */
        BEFORE,
        /** The last one. */
        LAST
    }

    private static final int MAX_HEIGHT = 32;

    private final long[] pages = new long[MAX_HEIGHT];
    private final int[] frames = new int[MAX_HEIGHT];
    private final long[] stamps = new long[MAX_HEIGHT];
    private final int[] childIndexes = new int[MAX_HEIGHT];
    private int leaf;

    /**
     * Goes to the leaf for the workspace's key, in a tree that may have been dropped. DONE, PAGE_MISS or CONTENDED, also if its pages are being
     * freed or its root was moved: so with DONE none had been freed when the leaf's stamp was taken. The leaf itself is not validated yet.
     */
    Step to(BufferPool pool, Workspace workspace, TreeRef tree, Target target) {
        long root = tree.rootPage();
        Step step;
        try {
            step = to(pool, workspace, root, target);
        } catch (IllegalStateException broken) {
            if (!tree.isReclaimed() && tree.rootPage() == root) {
                throw broken;
            }
            step = Step.CONTENDED;
        }
        return tree.isReclaimed() || tree.rootPage() != root ? Step.CONTENDED : step;
    }

    /** Goes to the leaf for the workspace's key: DONE, PAGE_MISS or CONTENDED. The leaf itself is not validated yet. */
    Step to(BufferPool pool, Workspace workspace, long root, Target target) {
        long page = root;
        int pageSize = pool.pageSize();
        for (int level = 0; level < MAX_HEIGHT; level++) {
            int frame = pool.frameOf(page);
            long stamp = frame < 0 ? 0 : pool.stamp(frame);
            if (level > 0 && !valid(pool, level - 1)) {
                return Step.CONTENDED;
            }
            if (frame < 0) {
                workspace.missedPage = page;
                return Step.PAGE_MISS;
            }
            if (stamp == 0 || pool.pageIdOf(frame) != page) {
                return Step.CONTENDED;
            }
            pool.touch(frame);
            workspace.pageHits++;
            pages[level] = page;
            frames[level] = frame;
            stamps[level] = stamp;
            long address = pool.address(frame);
            if (!SlottedPageLayout.isInner(address)) {
                leaf = level;
                return checkLeaf(pool, address);
            }
            int index = childIndex(address, pageSize, workspace, target);
            childIndexes[level] = index;
            page = InnerPage.child(address, pageSize, index);
        }
        return broken(pool, MAX_HEIGHT - 1, "lies deeper than any tree is");
    }

    private static int childIndex(long page, int pageSize, Workspace workspace, Target target) {
        return switch (target) {
            case KEY -> InnerPage.childIndex(page, pageSize, workspace.keyAddress, workspace.keyLength);
            case BEFORE -> InnerPage.childIndexBefore(page, pageSize, workspace.keyAddress, workspace.keyLength);
            case LAST -> SlottedPageLayout.slotCount(page, pageSize) - 1;
        };
    }

    private Step checkLeaf(BufferPool pool, long address) {
        return SlottedPageLayout.isLeaf(address) ? Step.DONE : broken(pool, leaf, "is no page of a tree");
    }

    private Step broken(BufferPool pool, int level, String what) {
        if (valid(pool, level)) {
            throw new IllegalStateException("page " + pages[level] + ", reached from root " + pages[0] + ", " + what);
        }
        return Step.CONTENDED;
    }

    /** Whether the page at {@code level} is still as it was when its stamp was taken. */
    boolean valid(BufferPool pool, int level) {
        return pool.validate(frames[level], stamps[level]);
    }

    /** Whether the leaf is still as it was. */
    boolean leafValid(BufferPool pool) {
        return valid(pool, leaf);
    }

    /** Whether every page on the way is still as it was. */
    boolean allValid(BufferPool pool) {
        for (int level = 0; level <= leaf; level++) {
            if (!valid(pool, level)) {
                return false;
            }
        }
        return true;
    }

    /** Level of the leaf, counted from the root's 0. */
    int leaf() {
        return leaf;
    }

    int frame(int level) {
        return frames[level];
    }

    long stamp(int level) {
        return stamps[level];
    }

    long page(int level) {
        return pages[level];
    }

    /** Which child was followed at {@code level}. */
    int childIndex(int level) {
        return childIndexes[level];
    }

    int leafFrame() {
        return frames[leaf];
    }

    long leafStamp() {
        return stamps[leaf];
    }
}
