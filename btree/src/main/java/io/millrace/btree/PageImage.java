package io.millrace.btree;

import static io.millrace.btree.SlottedPageLayout.INNER_ENTRY;
import static io.millrace.btree.SlottedPageLayout.SLOTS;
import static io.millrace.btree.SlottedPageLayout.SLOT_BYTES;

import io.millrace.buffer.PageLayout;
import io.millrace.common.Memory;

/** Builds whole tree pages in private memory, for new pages and for the root at its split. */
final class PageImage {
    private PageImage() {}

    /** An empty leaf without fences. */
    static void emptyLeaf(long page, int pageSize, int treeId) {
        begin(page, pageSize, 0, treeId);
    }

    /** An empty page without fences; {@code level} 0 is a leaf. */
    static void begin(long page, int pageSize, int level, int treeId) {
        Memory.setMemory(page, pageSize, (byte) 0);
        PageLayout.kind(page, level == 0 ? PageLayout.KIND_LEAF : PageLayout.KIND_INNER);
        PageLayout.version(page, SlottedPageLayout.VERSION);
        PageLayout.treeId(page, treeId);
        Memory.putByte(page + SlottedPageLayout.LEVEL, (byte) level);
        SlottedPageLayout.setHeapStart(page, pageSize);
    }

    /** Gives an empty page its fences and so its prefix; a length of 0 is none. The fences lie outside of the page. */
    static void fences(long page, int pageSize, long low, int lowLength, long high, int highLength) {
        SlottedPageLayout.setFenceLengths(page, lowLength, highLength);
        SlottedPageLayout.setPrefixLength(page, Memory.mismatch(low, high, Math.min(lowLength, highLength)));
        Memory.copy(low, page + pageSize - lowLength, lowLength);
        Memory.copy(high, page + pageSize - lowLength - highLength, highLength);
        SlottedPageLayout.setHeapStart(page, pageSize - lowLength - highLength);
    }

    /** Appends slots {@code from} to {@code to} of {@code source}, whose prefix may be longer or shorter than the target's. */
    static void append(long page, int pageSize, long source, int from, int to) {
        int entryHeader = SlottedPageLayout.entryHeader(page);
        int prefix = SlottedPageLayout.prefixLength(page, pageSize);
        int sourcePrefix = SlottedPageLayout.prefixLength(source, pageSize);
        int drop = Math.max(0, prefix - sourcePrefix);
        int more = Math.max(0, sourcePrefix - prefix);
        long rest = SlottedPageLayout.lowFence(source, pageSize) + prefix;
        int count = SlottedPageLayout.slotCount(page, pageSize);
        int at = SlottedPageLayout.heapStart(page);
        for (int i = from; i < to; i++) {
            long slot = SlottedPageLayout.slot(source, i);
            long entry = source + SlottedPageLayout.entryOffset(slot, pageSize, entryHeader);
            int bytes = PageEditor.entryBytes(source, pageSize, i) - drop + more;
            int suffix = SlottedPageLayout.suffixLength(slot, pageSize, entryHeader) - drop + more;
            at -= bytes;
            long key = page + at + entryHeader;
            Memory.copy(entry, page + at, entryHeader);
            Memory.copy(rest, key, more);
            Memory.copy(entry + entryHeader + drop, key + more, bytes - entryHeader - more);
            int head = SlottedPageLayout.head(key, suffix);
            SlottedPageLayout.setSlot(SlottedPageLayout.slot(page, count++), head, at, suffix);
        }
        SlottedPageLayout.setSlotCount(page, count);
        SlottedPageLayout.setHeapStart(page, at);
    }

    /** Makes an empty inner page the parent of two. */
    static void twoChildren(long page, int pageSize, long left, long separator, int length, long right) {
        InnerPage.firstChild(page, left);
        long entry = PageEditor.insert(page, pageSize, 0, separator, length, INNER_ENTRY + length);
        Memory.putLong(entry, right);
    }

    /** Bytes of header and slots that are part of a logged image. */
    static int frontBytes(long page, int pageSize) {
        return SLOTS - PageLayout.BODY + SLOT_BYTES * SlottedPageLayout.slotCount(page, pageSize);
    }

    /** Bytes of the heap, fences included. */
    static int heapBytes(long page, int pageSize) {
        return pageSize - SlottedPageLayout.heapStart(page);
    }
}
