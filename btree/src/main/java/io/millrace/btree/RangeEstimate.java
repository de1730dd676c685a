package io.millrace.btree;

import io.millrace.buffer.BufferPool;
import io.millrace.txn.Step;
import io.millrace.txn.Workspace;

/**
 * Estimates how many live entries a range has from two descents, to its two ends: counted in the leaves where it begins and ends; the
 * children in between, which the inner pages on both ways count, are taken to be as full as the pages seen.
 *
 * <p>Error: none if the range lies in one leaf or two neighbours. Otherwise that of taking the pages in between for as full as those at
 * the edges; random inserts leave pages between half and all full, so at each level the estimate is off by a factor of two at worst, and by far
 * less for a range of many pages of one kind. Entries of transactions that still run are counted, whoever may see them.
 */
final class RangeEstimate {
    private final BufferPool pool;
    private final int pageSize;

    RangeEstimate(BufferPool pool) {
        this.pool = pool;
        pageSize = pool.pageSize();
    }

    /** See {@link BTree#estimate}. */
    Step estimate(Workspace workspace, TreeRef tree, ScanCursor range) {
        workspace.resultCount = 0;
        if (range.exhausted()) {
            return Step.DONE;
        }
        TreeScratch scratch = TreeScratch.of(workspace);
        Descent right = scratch.secondDescent;
        workspace.keyAddress = workspace.keyBuffer;
        workspace.keyLength = range.hasEnd() ? range.copyEnd(workspace.keyBuffer) : 0;
        Descent.Target end = range.hasEnd() ? Descent.Target.KEY : Descent.Target.LAST;
        Step step = right.to(pool, workspace, tree, end);
        if (step == Step.DONE) {
            workspace.keyLength = range.copyPosition(workspace.keyBuffer);
            step = scratch.descent.to(pool, workspace, tree, Descent.Target.KEY);
        }
        if (step != Step.DONE) {
            return step;
        }
        workspace.resultCount = Math.round(sum(workspace, scratch, range));
        return scratch.descent.allValid(pool) && right.allValid(pool) ? Step.DONE : Step.CONTENDED;
    }

    private double sum(Workspace workspace, TreeScratch scratch, ScanCursor range) {
        Descent left = scratch.descent;
        Descent right = scratch.secondDescent;
        if (left.leaf() != right.leaf() || left.leafFrame() == right.leafFrame()) {
            return count(workspace, left, scratch.range, range);
        }
        double sum =
                count(workspace, left, scratch.range, range) + count(workspace, right, scratch.range, range.lastPart());
        double entries = typical(left, right, left.leaf());
        for (int level = left.leaf() - 1; level >= 0; level--) {
            if (left.frame(level) == right.frame(level)) {
                return sum + Math.max(0, right.childIndex(level) - left.childIndex(level) - 1) * entries;
            }
            int behind = slots(left, level) - 1 - left.childIndex(level);
            int before = right.childIndex(level) - InnerPage.LEFTMOST;
            sum += Math.max(0, behind + before) * entries;
            entries *= typical(left, right, level);
        }
        return sum;
    }

    /** Live entries, exactly, of the part of a range that lies in the leaf. */
    private long count(Workspace workspace, Descent descent, LeafRange part, ScanCursor range) {
        long leaf = pool.address(descent.leafFrame());
        part.locate(leaf, pageSize, range, workspace.keyAddress, workspace.keyLength, workspace.expectedBuffer);
        return live(leaf, part.from, part.to);
    }

    private long live(long leaf, int from, int to) {
        long live = 0;
        for (int i = from; i < to; i++) {
            live += LeafPage.isGhost(LeafPage.entry(leaf, pageSize, i)) ? 0 : 1;
        }
        return live;
    }

    /**
     * Children, or entries, of a usual page at this level. A page at an edge of the tree says little, since ascending keys leave the last one
     * half empty behind full ones.
     */
    private double typical(Descent left, Descent right, int level) {
        long one = content(left, level);
        long other = content(right, level);
        return isEdge(left, level) || isEdge(right, level) ? Math.max(one, other) : (one + other) / 2.0;
    }

    private long content(Descent descent, int level) {
        long page = pool.address(descent.frame(level));
        int slots = slots(descent, level);
        return level == descent.leaf() ? live(page, 0, slots) : slots + 1L;
    }

    private boolean isEdge(Descent descent, int level) {
        long page = pool.address(descent.frame(level));
        return SlottedPageLayout.lowFenceLength(page, pageSize) == 0
                || SlottedPageLayout.highFenceLength(page, pageSize) == 0;
    }

    private int slots(Descent descent, int level) {
        return SlottedPageLayout.slotCount(pool.address(descent.frame(level)), pageSize);
    }
}
