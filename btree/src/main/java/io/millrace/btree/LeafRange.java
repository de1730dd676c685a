package io.millrace.btree;

import io.millrace.common.Memory;

/**
 * Which slots of one leaf a scan wants, and where it goes on after them. Works on a private copy, which may be garbage until validated.
 * Mutable, one per {@link TreeScratch}.
 */
final class LeafRange {
    /** First slot wanted. */
    int from;

    /** Slot behind the last one wanted. */
    int to;

    /** Ghosts passed over. */
    int ghosts;

    /** Whether the scan's range ends in this leaf. */
    boolean last;

    /**
     * Finds the slots.
     *
     * @param key address of the cursor's position, {@code keyLength} its length
     * @param end where the cursor's end may be copied to
     */
    void locate(long leaf, int pageSize, ScanCursor cursor, long key, int keyLength, long end) {
        int count = SlottedPageLayout.slotCount(leaf, pageSize);
        int endLength = cursor.hasEnd() ? cursor.copyEnd(end) : 0;
        if (cursor.reverse()) {
            to = cursor.bounded() ? bound(leaf, pageSize, key, keyLength, cursor.positionInclusive()) : count;
            last = endsAbove(leaf, pageSize, cursor, end, endLength);
            from = last && cursor.hasEnd() ? bound(leaf, pageSize, end, endLength, !cursor.endInclusive()) : 0;
            from = Math.min(from, to);
        } else {
            from = cursor.bounded() ? bound(leaf, pageSize, key, keyLength, !cursor.positionInclusive()) : 0;
            last = endsBelow(leaf, pageSize, cursor, end, endLength);
            to = last && cursor.hasEnd() ? bound(leaf, pageSize, end, endLength, cursor.endInclusive()) : count;
            to = Math.max(from, to);
        }
    }

    /** First slot not below the key; {@code behind} it if it is there. */
    private static int bound(long leaf, int pageSize, long key, int keyLength, boolean behind) {
        int found = PageSearch.find(leaf, pageSize, key, keyLength);
        return found >= 0 ? behind ? found + 1 : found : -found - 1;
    }

    /** Whether the range of a forward scan ends below the leaf's high fence. */
    private static boolean endsBelow(long leaf, int pageSize, ScanCursor cursor, long end, int endLength) {
        int fenceLength = SlottedPageLayout.highFenceLength(leaf, pageSize);
        if (fenceLength == 0) {
            return true;
        }
        if (!cursor.hasEnd()) {
            return false;
        }
        int order = Memory.compareUnsigned(end, endLength, SlottedPageLayout.highFence(leaf, pageSize), fenceLength);
        return order < 0 || order == 0 && !cursor.endInclusive();
    }

    /** Whether the range of a reverse scan ends at or above the leaf's low fence. */
    private static boolean endsAbove(long leaf, int pageSize, ScanCursor cursor, long end, int endLength) {
        int fenceLength = SlottedPageLayout.lowFenceLength(leaf, pageSize);
        if (fenceLength == 0) {
            return true;
        }
        return cursor.hasEnd()
                && Memory.compareUnsigned(end, endLength, SlottedPageLayout.lowFence(leaf, pageSize), fenceLength) >= 0;
    }
}
