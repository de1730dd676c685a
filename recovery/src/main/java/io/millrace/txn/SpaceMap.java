package io.millrace.txn;

import io.millrace.buffer.PageLayout;
import io.millrace.common.Memory;

/**
 * Which pages of the data file are in use: two bits per page in space-map pages, which stand at the head of the stretch they describe. The
 * first bit says that the page is in use; the second that it is the head of something that nobody refers to, a dropped tree or a long
 * value, to be freed with all that hangs on it. So the second bits are the persistent list of what is pending.
 *
 * <pre>
 * page 0           store meta page
 * page 1           space map of pages 0 .. bitsPerPage-1
 * page 1 + k*bits  space map of pages k*bits .. (k+1)*bits-1      (k &gt;= 1)
 *
 * map page:  page header | bitsPerPage / 8 bytes: in use | bitsPerPage / 8 bytes: pending
 * </pre>
 *
 * <p>A bit changes in the mini-transaction that links or unlinks the page (L3). A map page that is all zeros describes free pages only; the
 * first change formats it.
 */
public final class SpaceMap implements RecordHandler {
    /** Operation code: the pages are in use from now on, and not pending. Body: u32 bit, ... up to its end. */
    public static final int SET = 1;
    /** Operation code: the pages are free from now on. Body: u32 bit, ... up to its end. */
    public static final int CLEAR = 2;
    /** Operation code: the pages are in use, each the head of something pending, from now on. Body: u32 bit, ... up to its end. */
    public static final int PEND = 3;
    /** Operation code, of the free page itself: nothing but zeros from now on. Body: empty. */
    public static final int ERASE = 4;

    /** How many pages one map page describes. */
    public static long bitsPerPage(int pageSize) {
        return (pageSize - PageLayout.BODY) / 2L * Byte.SIZE;
    }

    /** The map page that describes {@code pageId}. */
    public static long mapPageOf(long pageId, int pageSize) {
        return 1 + pageId / bitsPerPage(pageSize) * bitsPerPage(pageSize);
    }

    /** The first page of what a map page describes lies before it: a file that ends between the two is made longer by the map page. */
    static long wholeFile(long pages, int pageSize) {
        return Math.max(pages, mapPageOf(Math.max(0, pages - 1), pageSize) + 1);
    }

    /** Whether {@code pageId} is itself a map page, or the meta page. */
    public static boolean isReserved(long pageId, int pageSize) {
        return pageId == 0 || mapPageOf(pageId, pageSize) == pageId;
    }

    /** Whether a page is in use, by its bit in its map page at {@code mapPage}. */
    public static boolean isSet(long mapPage, int bit) {
        return isSet(mapPage, 0, bit);
    }

    /** Whether a page is the head of something pending. */
    public static boolean isPending(long mapPage, int pageSize, int bit) {
        return isSet(mapPage, pendingOffset(pageSize), bit);
    }

    private static boolean isSet(long mapPage, int offset, int bit) {
        return (Memory.getByte(mapPage + PageLayout.BODY + offset + (bit >>> 3)) & 1 << (bit & 7)) != 0;
    }

    /** The bit of {@code pageId} in its map page. */
    public static int bitOf(long pageId, int pageSize) {
        return (int) (pageId % bitsPerPage(pageSize));
    }

    private static int pendingOffset(int pageSize) {
        return (pageSize - PageLayout.BODY) / 2;
    }

    @Override
    public int firstOperation() {
        return SET;
    }

    @Override
    public int lastOperation() {
        return ERASE;
    }

    @Override
    public void redo(int operation, long page, int pageSize, long stamp, long body, int length) {
        if (operation == ERASE) {
            Memory.setMemory(page + PageLayout.KIND, pageSize - PageLayout.KIND, (byte) 0);
            return;
        }
        PageLayout.kind(page, PageLayout.KIND_SPACE_MAP);
        for (int at = 0; at < length; at += Integer.BYTES) {
            int bit = Memory.getInt(body + at);
            put(page, bit, operation != CLEAR);
            put(page + pendingOffset(pageSize), bit, operation == PEND);
        }
    }

    private static void put(long bits, int bit, boolean set) {
        long cell = bits + PageLayout.BODY + (bit >>> 3);
        int mask = 1 << (bit & 7);
        int old = Memory.getByte(cell);
        Memory.putByte(cell, (byte) (set ? old | mask : old & ~mask));
    }
}
