package io.millrace.btree;

import static io.millrace.btree.SlottedPageLayout.SLOTS;
import static io.millrace.btree.SlottedPageLayout.SLOT_BYTES;

import io.millrace.common.Memory;

/**
 * Binary search in a tree page. Safe on a page that changes meanwhile (L8): it ends, stays in the page and does not throw; whether the
 * answer means anything is for validation to say.
 *
 * <p>Relies on the key lying within the page's fences, so that it shares their prefix; descending from the root sees to that.
 */
final class PageSearch {
    private PageSearch() {}

    /** The slot that holds the key, or {@code -(insertion point) - 1}. */
    static int find(long page, int pageSize, long key, int keyLength) {
        int entryHeader = SlottedPageLayout.entryHeader(page);
        int prefix = Math.min(SlottedPageLayout.prefixLength(page, pageSize), keyLength);
        long suffix = key + prefix;
        int suffixLength = keyLength - prefix;
        int head = SlottedPageLayout.head(suffix, suffixLength);
        int low = 0;
        int high = SlottedPageLayout.slotCount(page, pageSize);
        while (low < high) {
            int middle = low + high >>> 1;
            long slot = page + SLOTS + (long) middle * SLOT_BYTES;
            int order = Integer.compareUnsigned(Memory.getInt(slot), head);
            if (order == 0) {
                order = compareSuffix(page, pageSize, entryHeader, slot, suffix, suffixLength);
            }
            if (order < 0) {
                low = middle + 1;
            } else if (order > 0) {
                high = middle;
            } else {
                return middle;
            }
        }
        return -low - 1;
    }

    /**
     * The same answer as {@link #find}, for who knows where it must be, without a search.
     *
     * @throws IllegalStateException if the key neither stands in that slot nor belongs there
     */
    static int findAt(long page, int pageSize, int index, long key, int keyLength) {
        int count = SlottedPageLayout.slotCount(page, pageSize);
        int order = index < count ? compare(page, pageSize, index, key, keyLength) : 1;
        if (order == 0) {
            return index;
        }
        if (index > count || order < 0 || index > 0 && compare(page, pageSize, index - 1, key, keyLength) >= 0) {
            throw new IllegalStateException("slot " + index + " of " + count + " is not the place of the key");
        }
        return -index - 1;
    }

    /** How the key of slot {@code index} compares to the given one. */
    private static int compare(long page, int pageSize, int index, long key, int keyLength) {
        int prefix = Math.min(SlottedPageLayout.prefixLength(page, pageSize), keyLength);
        long suffix = key + prefix;
        int suffixLength = keyLength - prefix;
        long slot = SlottedPageLayout.slot(page, index);
        int order = Integer.compareUnsigned(Memory.getInt(slot), SlottedPageLayout.head(suffix, suffixLength));
        return order != 0
                ? order
                : compareSuffix(page, pageSize, SlottedPageLayout.entryHeader(page), slot, suffix, suffixLength);
    }

    private static int compareSuffix(
            long page, int pageSize, int entryHeader, long slot, long suffix, int suffixLength) {
        int offset = SlottedPageLayout.entryOffset(slot, pageSize, entryHeader);
        int length = SlottedPageLayout.suffixLength(slot, pageSize, entryHeader);
        return Memory.compareUnsigned(
                page + offset + entryHeader, Math.min(length, pageSize - entryHeader - offset), suffix, suffixLength);
    }

    /** First slot whose key is not below the given one. */
    static int lowerBound(long page, int pageSize, long key, int keyLength) {
        int found = find(page, pageSize, key, keyLength);
        return found >= 0 ? found : -found - 1;
    }
}
