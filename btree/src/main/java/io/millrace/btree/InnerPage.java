package io.millrace.btree;

import static io.millrace.btree.SlottedPageLayout.INNER_ENTRY;

import io.millrace.common.Memory;

/** Reads an inner page: N separators, N + 1 children. Safe on a page that changes meanwhile (L8). */
final class InnerPage {
    /** Index of the leftmost child, which has no slot. */
    static final int LEFTMOST = -1;

    private InnerPage() {}

    /** Index of the child that holds {@code key}. */
    static int childIndex(long page, int pageSize, long key, int keyLength) {
        int found = PageSearch.find(page, pageSize, key, keyLength);
        return found >= 0 ? found : -found - 2;
    }

    /** Index of the child that holds the keys just below {@code key}. */
    static int childIndexBefore(long page, int pageSize, long key, int keyLength) {
        return PageSearch.lowerBound(page, pageSize, key, keyLength) - 1;
    }

    /** Page id of child {@code index}, {@link #LEFTMOST} to number of slots - 1. */
    static long child(long page, int pageSize, int index) {
        return index < 0
                ? Memory.getLong(page + SlottedPageLayout.FIRST_CHILD)
                : Memory.getLong(page
                        + SlottedPageLayout.entryOffset(SlottedPageLayout.slot(page, index), pageSize, INNER_ENTRY));
    }

    /** Copies separator {@code index}, prefix included, to {@code target}; answers its length. */
    static int copyKey(long page, int pageSize, int index, long target) {
        int prefix = SlottedPageLayout.prefixLength(page, pageSize);
        long slot = SlottedPageLayout.slot(page, index);
        int suffix = SlottedPageLayout.suffixLength(slot, pageSize, INNER_ENTRY);
        Memory.copy(SlottedPageLayout.lowFence(page, pageSize), target, prefix);
        long entry = page + SlottedPageLayout.entryOffset(slot, pageSize, INNER_ENTRY);
        Memory.copy(entry + INNER_ENTRY, target + prefix, suffix);
        return prefix + suffix;
    }

    /** Replaces child {@code index}, {@link #LEFTMOST} to number of slots - 1. */
    static void setChild(long page, int pageSize, int index, long child) {
        if (index < 0) {
            firstChild(page, child);
        } else {
            Memory.putLong(
                    page + SlottedPageLayout.entryOffset(SlottedPageLayout.slot(page, index), pageSize, INNER_ENTRY),
                    child);
        }
    }

    static void firstChild(long page, long child) {
        Memory.putLong(page + SlottedPageLayout.FIRST_CHILD, child);
    }
}
