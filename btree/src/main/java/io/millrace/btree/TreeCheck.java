package io.millrace.btree;

import io.millrace.buffer.BufferPool;
import io.millrace.common.Memory;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongPredicate;
import org.agrona.collections.LongHashSet;

/**
 * Checks that a tree is well-formed: each page by itself ({@link PageCheck}), tree, levels, fences equal to the separators above and so order
 * across pages, the pages of long values, every page reached once. Leaves are not read again: what they say of themselves is held against their parents. The tree must
 * not be restructured meanwhile. One use, one thread.
 */
public final class TreeCheck {
    private static final int MAX_DEPTH = 64;

    private final PageSource source;
    private final int pageSize;
    private final TreeRef tree;
    private final LongPredicate firstReach;
    private final LongValueChain longValues;
    private final List<Finding> findings = new ArrayList<>();
    private final long[] path = new long[MAX_DEPTH];
    private int height;
    private long pages;
    private long leaves;
    private long entries;
    private long ghosts;
    private long leafBytes;

    /**
     * A check of this tree.
     *
     * @param firstReach told of each page of the tree, answers whether it was reached for the first time
     */
    TreeCheck(PageSource source, TreeRef tree, LongPredicate firstReach) {
        this.source = source;
        this.tree = tree;
        this.firstReach = firstReach;
        pageSize = source.pageSize();
        longValues = new LongValueChain(source);
    }

    /** Checks the whole tree of an open store. Engine threads only: loads pages and blocks. */
    public static TreeReport check(BufferPool pool, TreeRef tree) {
        LongHashSet reached = new LongHashSet();
        return new TreeCheck(new PoolPages(pool), tree, reached::add).run();
    }

    TreeReport run() {
        visit(tree.rootPage(), PageFacts.NO_FENCE, PageFacts.NO_FENCE, -1, 0);
        return new TreeReport(height, pages, leaves, entries, ghosts, leafBytes, List.copyOf(findings));
    }

    private void visit(long pageId, long low, long high, int level, int depth) {
        path[depth] = pageId;
        if (!firstReach.test(pageId)) {
            find(depth, "is reached twice");
            return;
        }
        pages++;
        height = Math.max(height, depth + 1);
        PageFacts facts = source.facts(pageId, what -> find(depth, what));
        if (facts.kind() == PageFacts.DAMAGED.kind()) {
            return;
        }
        compare(facts, low, high, level, depth);
        if (facts.isLeaf()) {
            leaves++;
            entries += facts.entries();
            ghosts += facts.ghosts();
            leafBytes += facts.usedBytes();
            if (facts.hasLongValues()) {
                checkLongValues(pageId, depth);
            }
        } else if (level < 0 || facts.level() == level) {
            descend(pageId, facts, low, high, depth);
        }
    }

    private void checkLongValues(long leaf, int depth) {
        long page = Memory.allocate(pageSize);
        try {
            source.copy(leaf, page);
            for (int i = 0; i < SlottedPageLayout.slotCount(page, pageSize); i++) {
                long entry = LeafPage.entry(page, pageSize, i);
                if (LeafPage.isLong(entry)) {
                    String slot = "slot " + i + " ";
                    long reference = LeafPage.value(entry, LeafPage.suffixLength(page, pageSize, i));
                    longValues.check(reference, this::reachPart, what -> find(depth, slot + what));
                }
            }
        } finally {
            Memory.free(page);
        }
    }

    private boolean reachPart(long pageId) {
        pages++;
        return firstReach.test(pageId);
    }

    private void compare(PageFacts facts, long low, long high, int level, int depth) {
        if (facts.treeId() != tree.treeId()) {
            find(depth, "belongs to tree " + facts.treeId());
        }
        if (level >= 0 && facts.level() != level) {
            find(depth, "is at level " + facts.level() + ", not " + level);
        }
        if (facts.lowFence() != low) {
            find(depth, "has a low fence that is not its parent's separator");
        }
        if (facts.highFence() != high) {
            find(depth, "has a high fence that is not its parent's separator");
        }
    }

    private void descend(long pageId, PageFacts facts, long low, long high, int depth) {
        if (depth + 1 == MAX_DEPTH) {
            find(depth, "lies deeper than any tree is");
            return;
        }
        long page = Memory.allocate(pageSize);
        long key = Memory.allocate(pageSize);
        try {
            source.copy(pageId, page);
            int count = SlottedPageLayout.slotCount(page, pageSize);
            long from = low;
            for (int i = InnerPage.LEFTMOST; i < count; i++) {
                long to = i + 1 < count ? separator(page, i + 1, key) : high;
                visit(InnerPage.child(page, pageSize, i), from, to, facts.level() - 1, depth + 1);
                from = to;
            }
        } finally {
            Memory.free(page);
            Memory.free(key);
        }
    }

    private long separator(long page, int index, long key) {
        return PageFacts.hash(key, InnerPage.copyKey(page, pageSize, index, key));
    }

    private void find(int depth, String what) {
        StringBuilder way = new StringBuilder("tree " + tree.treeId());
        for (int i = 0; i <= depth; i++) {
            way.append('/').append(path[i]);
        }
        findings.add(new Finding(path[depth], way.toString(), what));
    }
}
