package io.millrace.btree;

import io.millrace.buffer.BufferPool;
import io.millrace.buffer.PageLayout;
import io.millrace.common.Memory;
import java.util.ArrayList;
import java.util.List;
import org.agrona.collections.LongHashSet;

/**
 * Checks that a tree is well-formed: kinds and levels, fences equal to the separators above, prefixes, order within and across pages, slots and
 * entries within the page, every byte accounted for, every page reached once. Engine threads only: loads pages and blocks. The tree must not
 * be restructured meanwhile.
 */
public final class TreeCheck {
    private static final byte[] NONE = new byte[0];
    private static final int MAX_COPIES = 1000;

    private final BufferPool pool;
    private final int pageSize;
    private final TreeRef tree;
    private final LongHashSet reached = new LongHashSet();
    private final List<String> findings = new ArrayList<>();
    private int height;
    private long entries;
    private long ghosts;
    private long leafBytes;

    private TreeCheck(BufferPool pool, TreeRef tree) {
        this.pool = pool;
        this.tree = tree;
        pageSize = pool.pageSize();
    }

    /** Checks the whole tree. */
    public static TreeReport check(BufferPool pool, TreeRef tree) {
        return new TreeCheck(pool, tree).run();
    }

    private TreeReport run() {
        visit(tree.rootPage(), NONE, NONE, -1, 1);
        return new TreeReport(height, reached.size(), entries, ghosts, leafBytes, List.copyOf(findings));
    }

    private void visit(long pageId, byte[] low, byte[] high, int level, int depth) {
        String where = "tree " + tree.treeId() + " page " + pageId;
        if (!reached.add(pageId)) {
            findings.add(where + " is reached twice");
            return;
        }
        long page = Memory.allocate(pageSize);
        try {
            copy(pageId, page);
            if (!SlottedPageLayout.isLeaf(page) && !SlottedPageLayout.isInner(page)) {
                findings.add(where + " is of kind " + PageLayout.kind(page));
                return;
            }
            if (level >= 0 && SlottedPageLayout.level(page) != level) {
                findings.add(where + " is at level " + SlottedPageLayout.level(page) + ", not " + level);
                return;
            }
            height = Math.max(height, depth);
            PageCheck check = new PageCheck(page, pageSize, where, findings);
            check.check(tree.treeId(), low, high);
            if (SlottedPageLayout.isLeaf(page)) {
                count(page);
            } else {
                descend(page, check, low, high, depth);
            }
        } finally {
            Memory.free(page);
        }
    }

    private void descend(long page, PageCheck check, byte[] low, byte[] high, int depth) {
        int level = SlottedPageLayout.level(page) - 1;
        byte[] from = low;
        for (int i = InnerPage.LEFTMOST; i < check.count(); i++) {
            byte[] to = i + 1 < check.count() ? check.key(i + 1) : high;
            visit(InnerPage.child(page, pageSize, i), from, to, level, depth + 1);
            from = to;
        }
    }

    private void count(long page) {
        int slots = SlottedPageLayout.slotCount(page, pageSize);
        for (int i = 0; i < slots; i++) {
            if (LeafPage.isGhost(LeafPage.entry(page, pageSize, i))) {
                ghosts++;
            } else {
                entries++;
            }
        }
        leafBytes += pageSize - PageEditor.spareBytes(page, pageSize);
    }

    private void copy(long pageId, long target) {
        int frame = pool.pin(pageId);
        try {
            for (int i = 0; i < MAX_COPIES; i++) {
                long stamp = pool.stamp(frame);
                Memory.copy(pool.address(frame), target, pageSize);
                if (stamp != 0 && pool.validate(frame, stamp)) {
                    return;
                }
                Thread.onSpinWait();
            }
            throw new IllegalStateException("page " + pageId + " does not stay latch-free long enough to be checked");
        } finally {
            pool.unpinFrame(frame);
        }
    }
}
