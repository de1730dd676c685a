package io.millrace.btree;

import io.millrace.buffer.PageLayout;
import io.millrace.common.Memory;
import java.util.Arrays;
import java.util.List;

/** Checks one page of a tree, given what its parent says about it. Works on a private copy; allocates. */
final class PageCheck {
    private static final byte[] NONE = new byte[0];

    private final long page;
    private final int pageSize;
    private final String where;
    private final List<String> findings;
    private final int entryHeader;
    private final int count;

    PageCheck(long page, int pageSize, String where, List<String> findings) {
        this.page = page;
        this.pageSize = pageSize;
        this.where = where;
        this.findings = findings;
        entryHeader = SlottedPageLayout.entryHeader(page);
        count = SlottedPageLayout.slotCount(page, pageSize);
    }

    /** Checks everything; an empty fence is none. */
    void check(long treeId, byte[] low, byte[] high) {
        expect(PageLayout.version(page) == SlottedPageLayout.VERSION, "has version " + PageLayout.version(page));
        expect(PageLayout.treeId(page) == treeId, "belongs to tree " + PageLayout.treeId(page));
        expect(
                SlottedPageLayout.isLeaf(page) == (SlottedPageLayout.level(page) == 0),
                "is at level " + SlottedPageLayout.level(page) + " but of kind " + PageLayout.kind(page));
        expect(Arrays.equals(lowFence(), low), "has a low fence that is not its parent's separator");
        expect(Arrays.equals(highFence(), high), "has a high fence that is not its parent's separator");
        int prefix = Arrays.mismatch(low, high);
        expect(
                SlottedPageLayout.prefixLength(page, pageSize)
                        == (low.length == 0 || high.length == 0 ? 0 : prefix < 0 ? low.length : prefix),
                "has prefix length " + SlottedPageLayout.prefixLength(page, pageSize));
        checkSpace();
        byte[] before = null;
        for (int i = 0; i < count; i++) {
            before = checkSlot(i, before, low, high);
        }
    }

    private void checkSpace() {
        int heapStart = SlottedPageLayout.heapStart(page);
        expect(Memory.getUnsignedShort(page + SlottedPageLayout.SLOT_COUNT) == count, "has too many slots");
        expect(
                heapStart <= pageSize && heapStart >= SlottedPageLayout.SLOTS + SlottedPageLayout.SLOT_BYTES * count,
                "has its heap start at " + heapStart);
        int bytes = SlottedPageLayout.lowFenceLength(page, pageSize)
                + SlottedPageLayout.highFenceLength(page, pageSize)
                + SlottedPageLayout.garbage(page);
        for (int i = 0; i < count; i++) {
            bytes += PageEditor.entryBytes(page, pageSize, i);
        }
        expect(bytes == pageSize - heapStart, "has " + (pageSize - heapStart) + " heap bytes, accounted for: " + bytes);
    }

    private byte[] checkSlot(int index, byte[] before, byte[] low, byte[] high) {
        long slot = SlottedPageLayout.slot(page, index);
        int offset = Memory.getUnsignedShort(slot + SlottedPageLayout.SLOT_OFFSET);
        boolean inside = offset >= SlottedPageLayout.heapStart(page)
                && offset + PageEditor.entryBytes(page, pageSize, index) <= pageSize;
        expect(inside, "slot " + index + " points outside of the heap");
        byte[] key = key(index);
        int suffix = SlottedPageLayout.suffixLength(slot, pageSize, entryHeader);
        expect(
                Memory.getInt(slot) == SlottedPageLayout.head(page + offset + entryHeader, suffix),
                "slot " + index + " has a wrong head");
        expect(before == null || Arrays.compareUnsigned(before, key) < 0, "slot " + index + " is out of order");
        expect(Arrays.compareUnsigned(low, key) <= 0, "slot " + index + " lies below the low fence");
        expect(
                high.length == 0 || Arrays.compareUnsigned(key, high) < 0,
                "slot " + index + " lies above the high fence");
        return key;
    }

    int count() {
        return count;
    }

    byte[] lowFence() {
        return bytes(SlottedPageLayout.lowFence(page, pageSize), SlottedPageLayout.lowFenceLength(page, pageSize));
    }

    byte[] highFence() {
        return bytes(SlottedPageLayout.highFence(page, pageSize), SlottedPageLayout.highFenceLength(page, pageSize));
    }

    /** The whole key of a slot. */
    byte[] key(int index) {
        long slot = SlottedPageLayout.slot(page, index);
        int prefix = SlottedPageLayout.prefixLength(page, pageSize);
        int suffix = SlottedPageLayout.suffixLength(slot, pageSize, entryHeader);
        byte[] key = new byte[prefix + suffix];
        Memory.copyToArray(SlottedPageLayout.lowFence(page, pageSize), key, 0, prefix);
        long entry = page + SlottedPageLayout.entryOffset(slot, pageSize, entryHeader);
        Memory.copyToArray(entry + entryHeader, key, prefix, suffix);
        return key;
    }

    private static byte[] bytes(long address, int length) {
        if (length == 0) {
            return NONE;
        }
        byte[] bytes = new byte[length];
        Memory.copyToArray(address, bytes, 0, length);
        return bytes;
    }

    private void expect(boolean holds, String otherwise) {
        if (!holds) {
            findings.add(where + " " + otherwise);
        }
    }
}
