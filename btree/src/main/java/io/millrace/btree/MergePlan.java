package io.millrace.btree;

import static io.millrace.btree.SlottedPageLayout.INNER_ENTRY;
import static io.millrace.btree.SlottedPageLayout.SLOTS;
import static io.millrace.btree.SlottedPageLayout.SLOT_BYTES;

import io.millrace.buffer.PageLayout;
import io.millrace.common.Memory;

/**
 * Whether two neighbours fit into one page, and that page: from the left one's low fence to the right one's high fence, so with a prefix that
 * may be shorter than theirs. Between the entries of two inner pages comes the separator of the right one, its low fence, as the entry of its
 * leftmost child. Static functions on private copies.
 */
final class MergePlan {
    private MergePlan() {}

    /** Bytes of the page made of both: header, slots, entries and fences. */
    static int bytes(long left, long right, int pageSize) {
        int prefix = prefix(left, right, pageSize);
        int bytes = SLOTS
                + SlottedPageLayout.lowFenceLength(left, pageSize)
                + SlottedPageLayout.highFenceLength(right, pageSize)
                + entryBytes(left, pageSize, prefix)
                + entryBytes(right, pageSize, prefix);
        return SlottedPageLayout.isLeaf(left)
                ? bytes
                : bytes + SLOT_BYTES + INNER_ENTRY + SlottedPageLayout.lowFenceLength(right, pageSize) - prefix;
    }

    private static int prefix(long left, long right, int pageSize) {
        int common = Math.min(
                SlottedPageLayout.lowFenceLength(left, pageSize), SlottedPageLayout.highFenceLength(right, pageSize));
        return Memory.mismatch(
                SlottedPageLayout.lowFence(left, pageSize), SlottedPageLayout.highFence(right, pageSize), common);
    }

    private static int entryBytes(long page, int pageSize, int prefix) {
        int count = SlottedPageLayout.slotCount(page, pageSize);
        int longer = SlottedPageLayout.prefixLength(page, pageSize) - prefix;
        int bytes = 0;
        for (int i = 0; i < count; i++) {
            bytes += SLOT_BYTES + PageEditor.entryBytes(page, pageSize, i) + longer;
        }
        return bytes;
    }

    /** Builds the page made of both at {@code target}. */
    static void build(long target, long left, long right, int pageSize) {
        PageImage.begin(target, pageSize, SlottedPageLayout.level(left), PageLayout.treeId(left));
        PageImage.fences(
                target,
                pageSize,
                SlottedPageLayout.lowFence(left, pageSize),
                SlottedPageLayout.lowFenceLength(left, pageSize),
                SlottedPageLayout.highFence(right, pageSize),
                SlottedPageLayout.highFenceLength(right, pageSize));
        PageImage.append(target, pageSize, left, 0, SlottedPageLayout.slotCount(left, pageSize));
        if (SlottedPageLayout.isInner(left)) {
            InnerPage.firstChild(target, InnerPage.child(left, pageSize, InnerPage.LEFTMOST));
            appendSeparator(target, right, pageSize);
        }
        PageImage.append(target, pageSize, right, 0, SlottedPageLayout.slotCount(right, pageSize));
    }

    private static void appendSeparator(long target, long right, int pageSize) {
        int prefix = SlottedPageLayout.prefixLength(target, pageSize);
        int suffix = SlottedPageLayout.lowFenceLength(right, pageSize) - prefix;
        long entry = PageEditor.insert(
                target,
                pageSize,
                SlottedPageLayout.slotCount(target, pageSize),
                SlottedPageLayout.lowFence(right, pageSize) + prefix,
                suffix,
                INNER_ENTRY + suffix);
        Memory.putLong(entry, InnerPage.child(right, pageSize, InnerPage.LEFTMOST));
    }
}
