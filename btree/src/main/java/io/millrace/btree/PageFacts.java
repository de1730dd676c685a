package io.millrace.btree;

import io.millrace.buffer.PageLayout;
import io.millrace.common.Memory;

/**
 * What a page of a tree says of itself, as far as its parent is asked about it.
 *
 * @param kind the page's kind
 * @param level its level, 0 is leaf
 * @param treeId the tree it belongs to
 * @param lowFence hash of its low fence
 * @param highFence hash of its high fence
 * @param entries live entries of a leaf
 * @param ghosts deleted entries of a leaf
 * @param usedBytes bytes that are neither free nor garbage
 * @param hasLongValues whether entries of a leaf have values outside of it
 */
record PageFacts(
        int kind,
        int level,
        int treeId,
        long lowFence,
        long highFence,
        int entries,
        int ghosts,
        int usedBytes,
        boolean hasLongValues) {
    /** A page that can't be trusted. */
    static final PageFacts DAMAGED = new PageFacts(PageLayout.KIND_FREE, 0, 0, 0, 0, 0, 0, 0, false);

    /** What stands for a fence that is not there. */
    static final long NO_FENCE = hash(0, 0);

    /** Of a page whose {@linkplain PageCheck#content content} is sound. */
    static PageFacts of(long page, int pageSize) {
        int ghosts = 0;
        boolean longValues = false;
        int slots = SlottedPageLayout.slotCount(page, pageSize);
        boolean leaf = SlottedPageLayout.isLeaf(page);
        for (int i = 0; i < slots && leaf; i++) {
            long entry = LeafPage.entry(page, pageSize, i);
            ghosts += LeafPage.isGhost(entry) ? 1 : 0;
            longValues |= LeafPage.isLong(entry);
        }
        return new PageFacts(
                PageLayout.kind(page),
                SlottedPageLayout.level(page),
                PageLayout.treeId(page),
                hash(SlottedPageLayout.lowFence(page, pageSize), SlottedPageLayout.lowFenceLength(page, pageSize)),
                hash(SlottedPageLayout.highFence(page, pageSize), SlottedPageLayout.highFenceLength(page, pageSize)),
                leaf ? slots - ghosts : 0,
                ghosts,
                pageSize - PageEditor.spareBytes(page, pageSize),
                longValues);
    }

    static long hash(long key, int length) {
        return Memory.hash(key, length);
    }

    boolean isLeaf() {
        return kind == PageLayout.KIND_LEAF;
    }

    boolean isInner() {
        return kind == PageLayout.KIND_INNER;
    }
}
