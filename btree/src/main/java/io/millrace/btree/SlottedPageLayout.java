package io.millrace.btree;

import io.millrace.buffer.PageLayout;
import io.millrace.common.Memory;

/**
 * A page of a tree, leaf or inner: slots in key order from the front, entries from the end, fence keys at the very end.
 *
 * <pre>
 *   0                32               64                                                        page size
 *   +----------------+----------------+--------+------ ... ------+------------+-----------+----------+
 *   | common header  | tree header    | slots  |      free       | entries    | high fence| low fence|
 *   +----------------+----------------+--------+------ ... ------+------------+-----------+----------+
 *                                              ^ 64 + 8 * slots  ^ heap start
 *
 *   tree header
 *   32 u16 slots             34 u16 prefix length       36 u32 heap start        40 u32 garbage bytes in the heap
 *   44 u16 low fence length  46 u16 high fence length   48 u8 level, 0 is leaf   49 .. 55 zero
 *   56 u64 leftmost child (inner), zero (leaf)
 *
 *   slot, 8 bytes            0 u32 head of the key suffix   4 u16 offset of the entry   6 u16 length of the key suffix
 *   leaf entry               u64 stamp | u24 value length | u8 flags (1 ghost, 2 long) | key suffix | value
 *   inner entry              u64 child | key suffix
 * </pre>
 *
 * <p>The page holds keys in [low fence, high fence); a fence of length 0 is none: the page lies at that edge of the tree. What both fences
 * have in common at their front is the prefix of all keys of the page and is left out of the entries. The head is the first four bytes of the
 * suffix, filled up with zeros, as a big-endian number, so that comparing numbers compares keys as far as it goes. The child of an inner entry
 * holds keys from that entry's key on, the leftmost child those before the first.
 *
 * <p>Little-endian. Every accessor that an optimistic reader uses clamps what it reads to the page (L8): garbage gives a wrong answer, which
 * validation rejects, never an address outside of the page. Heap start is a u32 because it may be 65536; an offset is at most 65535
 * because no entry is empty.
 */
final class SlottedPageLayout {
    static final int SLOT_COUNT = PageLayout.BODY;
    static final int PREFIX_LENGTH = PageLayout.BODY + 2;
    static final int HEAP_START = PageLayout.BODY + 4;
    static final int GARBAGE = PageLayout.BODY + 8;
    static final int LOW_FENCE_LENGTH = PageLayout.BODY + 12;
    static final int HIGH_FENCE_LENGTH = PageLayout.BODY + 14;
    static final int LEVEL = PageLayout.BODY + 16;
    static final int FIRST_CHILD = PageLayout.BODY + 24;
    static final int SLOTS = PageLayout.BODY + 32;

    static final int SLOT_BYTES = 8;
    static final int SLOT_OFFSET = 4;
    static final int SLOT_SUFFIX_LENGTH = 6;

    /** Bytes of a leaf entry before its key suffix. */
    static final int LEAF_ENTRY = 12;
    /** Bytes of an inner entry before its key suffix. */
    static final int INNER_ENTRY = 8;

    /** Format version of tree pages. */
    static final int VERSION = 1;

    private SlottedPageLayout() {}

    static boolean isLeaf(long page) {
        return PageLayout.kind(page) == PageLayout.KIND_LEAF;
    }

    static boolean isInner(long page) {
        return PageLayout.kind(page) == PageLayout.KIND_INNER;
    }

    /** Bytes of an entry before its key suffix. */
    static int entryHeader(long page) {
        return isLeaf(page) ? LEAF_ENTRY : INNER_ENTRY;
    }

    static int level(long page) {
        return Memory.getUnsignedByte(page + LEVEL);
    }

    /** Number of slots, clamped to what fits into a page. */
    static int slotCount(long page, int pageSize) {
        return Math.min(Memory.getUnsignedShort(page + SLOT_COUNT), (pageSize - SLOTS) / SLOT_BYTES);
    }

    static void setSlotCount(long page, int count) {
        Memory.putShort(page + SLOT_COUNT, (short) count);
    }

    /** Length of the low fence, clamped; 0 if the page has none. */
    static int lowFenceLength(long page, int pageSize) {
        return Math.min(Memory.getUnsignedShort(page + LOW_FENCE_LENGTH), Limits.maxKey(pageSize));
    }

    /** Length of the high fence, clamped; 0 if the page has none. */
    static int highFenceLength(long page, int pageSize) {
        return Math.min(Memory.getUnsignedShort(page + HIGH_FENCE_LENGTH), Limits.maxKey(pageSize));
    }

    static void setFenceLengths(long page, int low, int high) {
        Memory.putShort(page + LOW_FENCE_LENGTH, (short) low);
        Memory.putShort(page + HIGH_FENCE_LENGTH, (short) high);
    }

    /** Address of the low fence. */
    static long lowFence(long page, int pageSize) {
        return page + pageSize - lowFenceLength(page, pageSize);
    }

    /** Address of the high fence. */
    static long highFence(long page, int pageSize) {
        return lowFence(page, pageSize) - highFenceLength(page, pageSize);
    }

    /** Length of the prefix, clamped to the low fence, whose first bytes it is. */
    static int prefixLength(long page, int pageSize) {
        return Math.min(Memory.getUnsignedShort(page + PREFIX_LENGTH), lowFenceLength(page, pageSize));
    }

    static void setPrefixLength(long page, int length) {
        Memory.putShort(page + PREFIX_LENGTH, (short) length);
    }

    /** Where the heap begins. Only for pages that are not changing. */
    static int heapStart(long page) {
        return Memory.getInt(page + HEAP_START);
    }

    static void setHeapStart(long page, int offset) {
        Memory.putInt(page + HEAP_START, offset);
    }

    /** Bytes in the heap that belong to no entry. Only for pages that are not changing. */
    static int garbage(long page) {
        return Memory.getInt(page + GARBAGE);
    }

    static void setGarbage(long page, int bytes) {
        Memory.putInt(page + GARBAGE, bytes);
    }

    /** Address of a slot. */
    static long slot(long page, int index) {
        return page + SLOTS + (long) index * SLOT_BYTES;
    }

    /** Offset of a slot's entry, clamped so that the entry's fixed part lies in the page. */
    static int entryOffset(long slot, int pageSize, int entryHeader) {
        return Math.min(Memory.getUnsignedShort(slot + SLOT_OFFSET), pageSize - entryHeader);
    }

    /** Length of a slot's key suffix, clamped to the page's end. */
    static int suffixLength(long slot, int pageSize, int entryHeader) {
        int rest = pageSize - entryHeader - entryOffset(slot, pageSize, entryHeader);
        return Math.min(Memory.getUnsignedShort(slot + SLOT_SUFFIX_LENGTH), rest);
    }

    static void setSlot(long slot, int head, int offset, int suffixLength) {
        Memory.putInt(slot, head);
        Memory.putShort(slot + SLOT_OFFSET, (short) offset);
        Memory.putShort(slot + SLOT_SUFFIX_LENGTH, (short) suffixLength);
    }

    /** The first four bytes of a key suffix as a big-endian number, to be compared unsigned. */
    static int head(long suffix, int length) {
        if (length >= Integer.BYTES) {
            return Integer.reverseBytes(Memory.getInt(suffix));
        }
        int head = 0;
        for (int i = 0; i < length; i++) {
            head |= Memory.getUnsignedByte(suffix + i) << 24 - Byte.SIZE * i;
        }
        return head;
    }
}
