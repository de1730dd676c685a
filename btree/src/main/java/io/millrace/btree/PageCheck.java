package io.millrace.btree;

import io.millrace.buffer.PageLayout;
import io.millrace.common.Memory;
import io.millrace.txn.Stamps;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Checks one page of a tree by itself: slots and entries within the page, every byte accounted for, keys in order and between the fences,
 * prefix, heads, stamps. Works on a private copy; allocates only to say what is wrong, so that a whole file goes through at the speed of
 * reading it. One thread at a time.
 */
final class PageCheck {
    private static final byte[] NONE = new byte[0];

    private final int pageSize;
    private final Consumer<String> findings;
    private long page;
    private int entryHeader;
    private int count;
    private int heapStart;
    private int prefix;

    /** Checks pages of this size; {@code findings} is told what is wrong with the page {@linkplain #at looked at}. */
    PageCheck(int pageSize, Consumer<String> findings) {
        this.pageSize = pageSize;
        this.findings = findings;
    }

    /** Turns to the page at this address. */
    PageCheck at(long address) {
        page = address;
        entryHeader = SlottedPageLayout.entryHeader(page);
        count = SlottedPageLayout.slotCount(page, pageSize);
        heapStart = SlottedPageLayout.heapStart(page);
        prefix = SlottedPageLayout.prefixLength(page, pageSize);
        return this;
    }

    /** Checks everything that the page says of itself, and whether tree and fences are these; an empty fence is none. */
    void check(long treeId, byte[] low, byte[] high) {
        if (PageLayout.treeId(page) != treeId) {
            findings.accept("belongs to tree " + PageLayout.treeId(page));
        }
        if (!Arrays.equals(lowFence(), low) || !Arrays.equals(highFence(), high)) {
            findings.accept("has other fences");
        }
        content();
    }

    /** Checks everything but the stamps. */
    void content() {
        if (PageLayout.version(page) != SlottedPageLayout.VERSION) {
            findings.accept("has version " + PageLayout.version(page));
            return;
        }
        if (SlottedPageLayout.isLeaf(page) != (SlottedPageLayout.level(page) == 0)) {
            findings.accept("is at level " + SlottedPageLayout.level(page) + " but of kind " + PageLayout.kind(page));
        }
        checkPrefix();
        if (checkHeap() && checkSlots()) {
            checkOrder();
        }
    }

    private void checkPrefix() {
        int low = SlottedPageLayout.lowFenceLength(page, pageSize);
        int high = SlottedPageLayout.highFenceLength(page, pageSize);
        long lowFence = SlottedPageLayout.lowFence(page, pageSize);
        long highFence = SlottedPageLayout.highFence(page, pageSize);
        int common = Memory.mismatch(lowFence, highFence, Math.min(low, high));
        if (Memory.getUnsignedShort(page + SlottedPageLayout.PREFIX_LENGTH) != common) {
            findings.accept("has prefix length " + prefix + ", its fences have " + common + " bytes in common");
        }
        if (low != 0 && high != 0 && Memory.compareUnsigned(lowFence, low, highFence, high) >= 0) {
            findings.accept("has a low fence that is not below its high fence");
        }
    }

    private boolean checkHeap() {
        boolean right = Memory.getUnsignedShort(page + SlottedPageLayout.SLOT_COUNT) == count
                && heapStart <= pageSize
                && heapStart >= SlottedPageLayout.SLOTS + SlottedPageLayout.SLOT_BYTES * count;
        if (!right) {
            findings.accept("has its heap start at " + heapStart + " and "
                    + Memory.getUnsignedShort(page + SlottedPageLayout.SLOT_COUNT) + " slots");
        }
        return right;
    }

    private boolean checkSlots() {
        int bytes = SlottedPageLayout.lowFenceLength(page, pageSize)
                + SlottedPageLayout.highFenceLength(page, pageSize)
                + SlottedPageLayout.garbage(page);
        for (int i = 0; i < count; i++) {
            long slot = SlottedPageLayout.slot(page, i);
            int offset = Memory.getUnsignedShort(slot + SlottedPageLayout.SLOT_OFFSET);
            int entry = PageEditor.entryBytes(page, pageSize, i);
            if (offset < heapStart || offset + entry > pageSize) {
                findings.accept("slot " + i + " points outside of the heap");
                return false;
            }
            int suffix = SlottedPageLayout.suffixLength(slot, pageSize, entryHeader);
            if (Memory.getInt(slot) != SlottedPageLayout.head(page + offset + entryHeader, suffix)) {
                findings.accept("slot " + i + " has a wrong head");
            }
            bytes += entry;
        }
        if (bytes != pageSize - heapStart) {
            findings.accept("has " + (pageSize - heapStart) + " heap bytes, accounted for: " + bytes);
        }
        return true;
    }

    private void checkOrder() {
        for (int i = 1; i < count; i++) {
            int order = Integer.compareUnsigned(
                    Memory.getInt(SlottedPageLayout.slot(page, i - 1)), Memory.getInt(SlottedPageLayout.slot(page, i)));
            if (order > 0
                    || order == 0
                            && Memory.compareUnsigned(suffix(i - 1), suffixLength(i - 1), suffix(i), suffixLength(i))
                                    >= 0) {
                findings.accept("slot " + i + " is out of order");
            }
        }
        int low = SlottedPageLayout.lowFenceLength(page, pageSize);
        if (count > 0 && low > 0 && compareTo(0, SlottedPageLayout.lowFence(page, pageSize), low) < 0) {
            findings.accept("slot 0 lies below the low fence");
        }
        int high = SlottedPageLayout.highFenceLength(page, pageSize);
        if (count > 0 && high > 0 && compareTo(count - 1, SlottedPageLayout.highFence(page, pageSize), high) >= 0) {
            findings.accept("slot " + (count - 1) + " lies above the high fence");
        }
    }

    private long suffix(int index) {
        long slot = SlottedPageLayout.slot(page, index);
        return page + SlottedPageLayout.entryOffset(slot, pageSize, entryHeader) + entryHeader;
    }

    private int suffixLength(int index) {
        return SlottedPageLayout.suffixLength(SlottedPageLayout.slot(page, index), pageSize, entryHeader);
    }

    /** The key of a slot against a fence; both begin with the prefix. */
    private int compareTo(int index, long fence, int length) {
        return Memory.compareUnsigned(suffix(index), suffixLength(index), fence + prefix, length - prefix);
    }

    /**
     * Checks that no entry of a leaf is younger than the page and that ghosts have no value.
     *
     * @param incarnation newest one that can have written transaction ids
     */
    void stamps(long incarnation) {
        for (int i = 0; i < count; i++) {
            long entry = LeafPage.entry(page, pageSize, i);
            long stamp = LeafPage.stamp(entry);
            boolean possible = Stamps.isTransaction(stamp)
                    ? Stamps.incarnation(stamp) <= incarnation
                    : stamp > 0 && stamp <= PageLayout.pageLsn(page);
            if (!possible) {
                findings.accept("slot " + i + " has the stamp 0x" + Long.toHexString(stamp) + ", the page the LSN "
                        + PageLayout.pageLsn(page));
            }
            if (LeafPage.isGhost(entry) && LeafPage.valueLength(entry) != 0) {
                findings.accept("slot " + i + " is a ghost with a value");
            }
            if (LeafPage.isLong(entry)
                    && (LeafPage.isGhost(entry) || LeafPage.valueLength(entry) != LongValueLayout.REFERENCE_BYTES)) {
                findings.accept(
                        "slot " + i + " has a long value and a reference of " + LeafPage.valueLength(entry) + " bytes");
            }
        }
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
        int suffix = suffixLength(index);
        byte[] key = new byte[prefix + suffix];
        Memory.copyToArray(SlottedPageLayout.lowFence(page, pageSize), key, 0, prefix);
        Memory.copyToArray(suffix(index), key, prefix, suffix);
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
}
