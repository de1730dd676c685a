package io.millrace.btree;

import io.millrace.buffer.PageLayout;
import io.millrace.common.Memory;

/**
 * A value that is too long for a leaf: a chain of pages of its own, and the reference to it that stands in the leaf in place of the value.
 *
 * <pre>
 *   reference, 20 bytes    0 u64 first page    8 u64 number of the value    16 u32 length in bytes
 *
 *   page of the chain
 *   0                32            40            48                        52              page size
 *   +----------------+-------------+-------------+-------------------------+---------------+
 *   | common header  | u64 number  | u64 next    | u32 bytes of the value  | bytes of      |
 *   | (kind 5)       |             | page, or 0  | from here to its end    | the value     |
 *   +----------------+-------------+-------------+-------------------------+---------------+
 * </pre>
 *
 * <p>All pages but the last are full. The number is drawn at random for each value: a reader who comes to a page by a reference that is no longer
 * good finds another number there, or another kind of page, and begins anew.
 */
final class LongValueLayout {
    static final int REFERENCE_BYTES = 20;
    static final int VERSION = 1;

    private static final int REFERENCE_NUMBER = 8;
    private static final int REFERENCE_LENGTH = 16;
    private static final int NUMBER = PageLayout.BODY;
    private static final int NEXT = PageLayout.BODY + 8;
    private static final int REST = PageLayout.BODY + 16;
    private static final int BYTES = PageLayout.BODY + 20;

    private LongValueLayout() {}

    static void writeReference(long reference, long head, long number, int length) {
        Memory.putLong(reference, head);
        Memory.putLong(reference + REFERENCE_NUMBER, number);
        Memory.putInt(reference + REFERENCE_LENGTH, length);
    }

    static long head(long reference) {
        return Memory.getLong(reference);
    }

    static long number(long reference) {
        return Memory.getLong(reference + REFERENCE_NUMBER);
    }

    static int length(long reference) {
        return Memory.getInt(reference + REFERENCE_LENGTH);
    }

    /** Bytes of a value that a page takes. */
    static int capacity(int pageSize) {
        return pageSize - BYTES;
    }

    static boolean isPart(long page) {
        return PageLayout.kind(page) == PageLayout.KIND_LONG_VALUE;
    }

    /** Whether the page is the part of this value at whose beginning {@code rest} bytes are left. */
    static boolean isPart(long page, long number, int rest) {
        return isPart(page) && Memory.getLong(page + NUMBER) == number && Memory.getInt(page + REST) == rest;
    }

    static long next(long page) {
        return Memory.getLong(page + NEXT);
    }

    static long bytes(long page) {
        return page + BYTES;
    }

    /** Makes the page a part: {@code image} is its bytes from the number on. */
    static void format(long page, int pageSize, long image, int length) {
        PageLayout.kind(page, PageLayout.KIND_LONG_VALUE);
        PageLayout.version(page, VERSION);
        PageLayout.flags(page, 0);
        PageLayout.treeId(page, 0);
        Memory.copy(image, page + NUMBER, length);
        Memory.setMemory(page + NUMBER + length, pageSize - NUMBER - length, (byte) 0);
    }
}
