package io.millrace.txn;

import io.millrace.buffer.PageLayout;
import io.millrace.common.Memory;

/**
 * Which pages of the data file are in use: one bit per page in space-map pages, which stand at the head of the stretch they describe.
 *
 * <pre>
 * page 0           store meta page
 * page 1           space map of pages 0 .. bitsPerPage-1
 * page 1 + k*bits  space map of pages k*bits .. (k+1)*bits-1      (k >= 1)
 * </pre>
 *
 * <p>A bit changes in the mini-transaction that links or unlinks the page (L3). A map page that is all zeros describes free pages only; the
 * first change formats it.
 */
public final class SpaceMap implements RecordHandler {
    /** Operation code: the page is in use from now on. Body: u32 bit. */
    public static final int SET = 1;
    /** Operation code: the page is free from now on. Body: u32 bit. */
    public static final int CLEAR = 2;

    static final int BODY_LENGTH = 4;

    /** How many pages one map page describes. */
    public static long bitsPerPage(int pageSize) {
        return (long) (pageSize - PageLayout.BODY) * Byte.SIZE;
    }

    /** The map page that describes {@code pageId}. */
    public static long mapPageOf(long pageId, int pageSize) {
        return 1 + pageId / bitsPerPage(pageSize) * bitsPerPage(pageSize);
    }

    /** Whether {@code pageId} is itself a map page, or the meta page. */
    public static boolean isReserved(long pageId, int pageSize) {
        return pageId == 0 || mapPageOf(pageId, pageSize) == pageId;
    }

    /** Whether a page's bit is set in its map page at {@code mapPage}. */
    public static boolean isSet(long mapPage, int bit) {
        return (Memory.getByte(mapPage + PageLayout.BODY + (bit >>> 3)) & 1 << (bit & 7)) != 0;
    }

    static int bitOf(long pageId, int pageSize) {
        return (int) (pageId % bitsPerPage(pageSize));
    }

    @Override
    public int firstOperation() {
        return SET;
    }

    @Override
    public int lastOperation() {
        return CLEAR;
    }

    @Override
    public void redo(int operation, long page, int pageSize, long stamp, long body, int length) {
        PageLayout.kind(page, PageLayout.KIND_SPACE_MAP);
        int bit = Memory.getInt(body);
        long cell = page + PageLayout.BODY + (bit >>> 3);
        int mask = 1 << (bit & 7);
        int old = Memory.getByte(cell);
        Memory.putByte(cell, (byte) (operation == SET ? old | mask : old & ~mask));
    }
}
