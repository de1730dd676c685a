package io.millrace.btree;

import static io.millrace.btree.SlottedPageLayout.LEAF_ENTRY;
import static io.millrace.btree.SlottedPageLayout.SLOTS;
import static io.millrace.btree.SlottedPageLayout.SLOT_BYTES;

import io.millrace.common.Memory;

/**
 * Changes slots and entries of a page that nobody else changes: exclusively latched, or a private copy. What it does depends on nothing but
 * the page's bytes and its arguments, so that redo ends with the same bytes.
 */
final class PageEditor {
    private PageEditor() {}

    /** Free bytes between slots and heap. */
    static int freeBytes(long page, int pageSize) {
        return SlottedPageLayout.heapStart(page) - SLOTS - SLOT_BYTES * SlottedPageLayout.slotCount(page, pageSize);
    }

    /** Free bytes there will be after a compaction. */
    static int spareBytes(long page, int pageSize) {
        return freeBytes(page, pageSize) + SlottedPageLayout.garbage(page);
    }

    /** Bytes of the entry in slot {@code index}. */
    static int entryBytes(long page, int pageSize, int index) {
        int entryHeader = SlottedPageLayout.entryHeader(page);
        long slot = SlottedPageLayout.slot(page, index);
        int bytes = entryHeader + SlottedPageLayout.suffixLength(slot, pageSize, entryHeader);
        return entryHeader == LEAF_ENTRY ? bytes + LeafPage.valueLength(LeafPage.entry(page, pageSize, index)) : bytes;
    }

    /**
     * Makes slot {@code index} with an entry of {@code entryBytes}, whose key suffix is filled in; compacts if need be. The caller has checked
     * that the room is there.
     *
     * @return address of the entry
     */
    static long insert(long page, int pageSize, int index, long suffix, int suffixLength, int entryBytes) {
        if (freeBytes(page, pageSize) < entryBytes + SLOT_BYTES) {
            compact(page, pageSize);
        }
        int count = SlottedPageLayout.slotCount(page, pageSize);
        int offset = SlottedPageLayout.heapStart(page) - entryBytes;
        if (offset < SLOTS + SLOT_BYTES * (count + 1)) {
            throw new IllegalStateException("no room for " + entryBytes + " bytes in a tree page");
        }
        long slot = SlottedPageLayout.slot(page, index);
        Memory.copy(slot, slot + SLOT_BYTES, (long) (count - index) * SLOT_BYTES);
        SlottedPageLayout.setSlot(slot, SlottedPageLayout.head(suffix, suffixLength), offset, suffixLength);
        SlottedPageLayout.setSlotCount(page, count + 1);
        SlottedPageLayout.setHeapStart(page, offset);
        Memory.copy(suffix, page + offset + SlottedPageLayout.entryHeader(page), suffixLength);
        return page + offset;
    }

    /** Removes slot {@code index} and its entry. */
    static void remove(long page, int pageSize, int index) {
        int count = SlottedPageLayout.slotCount(page, pageSize);
        int bytes = entryBytes(page, pageSize, index);
        long slot = SlottedPageLayout.slot(page, index);
        int offset = Memory.getUnsignedShort(slot + SlottedPageLayout.SLOT_OFFSET);
        if (offset == SlottedPageLayout.heapStart(page)) {
            SlottedPageLayout.setHeapStart(page, offset + bytes);
        } else {
            SlottedPageLayout.setGarbage(page, SlottedPageLayout.garbage(page) + bytes);
        }
        Memory.copy(slot + SLOT_BYTES, slot, (long) (count - index - 1) * SLOT_BYTES);
        SlottedPageLayout.setSlotCount(page, count - 1);
    }

    /** Moves all entries to the end of the page, in key order, so that no garbage is left. */
    static void compact(long page, int pageSize) {
        PageScratch scratch = PageScratch.prepare(pageSize);
        scratch.load(page, pageSize, SlottedPageLayout.heapStart(page));
        int fences =
                SlottedPageLayout.lowFenceLength(page, pageSize) + SlottedPageLayout.highFenceLength(page, pageSize);
        rebuild(page, pageSize, scratch, pageSize - fences, 0);
    }

    /** Keeps the first {@code keep} slots, sets a new high fence and lengthens the prefix accordingly. */
    static void truncate(long page, int pageSize, int keep, long highFence, int highLength) {
        PageScratch scratch = PageScratch.prepare(pageSize);
        scratch.load(page, pageSize, SlottedPageLayout.heapStart(page));
        int oldPrefix = SlottedPageLayout.prefixLength(page, pageSize);
        int lowLength = SlottedPageLayout.lowFenceLength(page, pageSize);
        long low = SlottedPageLayout.lowFence(page, pageSize);
        int prefix = Memory.mismatch(low, highFence, Math.min(lowLength, highLength));
        SlottedPageLayout.setSlotCount(page, keep);
        SlottedPageLayout.setFenceLengths(page, lowLength, highLength);
        SlottedPageLayout.setPrefixLength(page, prefix);
        Memory.copy(highFence, low - highLength, highLength);
        rebuild(page, pageSize, scratch, pageSize - lowLength - highLength, prefix - oldPrefix);
    }

    private static void rebuild(long page, int pageSize, PageScratch scratch, int heapEnd, int drop) {
        boolean leaf = SlottedPageLayout.isLeaf(page);
        int entryHeader = SlottedPageLayout.entryHeader(page);
        int count = SlottedPageLayout.slotCount(page, pageSize);
        int at = heapEnd;
        for (int i = 0; i < count; i++) {
            long slot = SlottedPageLayout.slot(page, i);
            int offset = Memory.getUnsignedShort(slot + SlottedPageLayout.SLOT_OFFSET);
            int suffix = Memory.getUnsignedShort(slot + SlottedPageLayout.SLOT_SUFFIX_LENGTH) - drop;
            int value = leaf ? LeafPage.valueLengthOf(scratch.getInt(offset + LeafPage.wordOffset())) : 0;
            at -= entryHeader + suffix + value;
            scratch.copyTo(offset, page + at, entryHeader);
            scratch.copyTo(offset + entryHeader + drop, page + at + entryHeader, suffix + value);
            int head = SlottedPageLayout.head(page + at + entryHeader, suffix);
            SlottedPageLayout.setSlot(slot, head, at, suffix);
        }
        SlottedPageLayout.setHeapStart(page, at);
        SlottedPageLayout.setGarbage(page, 0);
    }
}
