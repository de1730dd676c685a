package io.millrace.btree;

import static io.millrace.btree.SlottedPageLayout.LEAF_ENTRY;

import io.millrace.common.Memory;

/** Reads entries of a leaf. Safe on a page that changes meanwhile (L8). */
final class LeafPage {
    /** Entry flag: the key was deleted; the entry stays until nobody can see what was there before. */
    static final int GHOST = 1;

    /** Entry flag: in place of the value stands the reference of a long one, see {@link LongValueLayout}. */
    static final int LONG = 2;

    private static final int STAMP = 0;
    private static final int WORD = 8;
    private static final int FLAGS_SHIFT = 24;
    private static final int LENGTH_MASK = (1 << FLAGS_SHIFT) - 1;

    private LeafPage() {}

    /** Address of the entry in slot {@code index}. */
    static long entry(long page, int pageSize, int index) {
        return page + SlottedPageLayout.entryOffset(SlottedPageLayout.slot(page, index), pageSize, LEAF_ENTRY);
    }

    static int suffixLength(long page, int pageSize, int index) {
        return SlottedPageLayout.suffixLength(SlottedPageLayout.slot(page, index), pageSize, LEAF_ENTRY);
    }

    static long stamp(long entry) {
        return Memory.getLong(entry + STAMP);
    }

    static void stamp(long entry, long stamp) {
        Memory.putLong(entry + STAMP, stamp);
    }

    static int flags(long entry) {
        return Memory.getInt(entry + WORD) >>> FLAGS_SHIFT;
    }

    static boolean isGhost(long entry) {
        return (flags(entry) & GHOST) != 0;
    }

    static boolean isLong(long entry) {
        return (flags(entry) & LONG) != 0;
    }

    /** Value length as it stands there; a reader of a page that may change clamps it with {@link #valueLength(long, int, long, int)}. */
    static int valueLength(long entry) {
        return valueLengthOf(Memory.getInt(entry + WORD));
    }

    static int valueLengthOf(int word) {
        return word & LENGTH_MASK;
    }

    /** Address of the value of an entry whose key suffix has {@code suffixLength} bytes. */
    static long value(long entry, int suffixLength) {
        return entry + LEAF_ENTRY + suffixLength;
    }

    /** Value length, clamped to the page's end. */
    static int valueLength(long page, int pageSize, long entry, int suffixLength) {
        return (int) Math.min(valueLength(entry), Math.max(0, page + pageSize - value(entry, suffixLength)));
    }

    /** Copies the whole key of slot {@code index} to {@code target}; answers its length. */
    static int copyKey(long page, int pageSize, int index, long target) {
        int prefix = SlottedPageLayout.prefixLength(page, pageSize);
        int suffix = suffixLength(page, pageSize, index);
        Memory.copy(SlottedPageLayout.lowFence(page, pageSize), target, prefix);
        Memory.copy(entry(page, pageSize, index) + LEAF_ENTRY, target + prefix, suffix);
        return prefix + suffix;
    }

    /** Gives {@code sink} the live entries of a leaf that does not change, keys copied to {@code key}. */
    static void forEachLive(long page, int pageSize, long key, EntrySink sink) {
        int count = SlottedPageLayout.slotCount(page, pageSize);
        for (int i = 0; i < count; i++) {
            long entry = entry(page, pageSize, i);
            if (!isGhost(entry)) {
                int keyLength = copyKey(page, pageSize, i, key);
                long value = value(entry, suffixLength(page, pageSize, i));
                if (isLong(entry)) {
                    sink.longEntry(key, keyLength, value);
                } else {
                    sink.entry(key, keyLength, value, valueLength(entry));
                }
            }
        }
    }

    /** Sets the fixed part of an entry. */
    static void write(long entry, long stamp, int flags, int valueLength) {
        Memory.putLong(entry + STAMP, stamp);
        Memory.putInt(entry + WORD, flags << FLAGS_SHIFT | valueLength);
    }

    /** Offset in an entry of the number that holds value length and flags. */
    static int wordOffset() {
        return WORD;
    }
}
