package io.millrace.btree;

import io.millrace.buffer.PageLayout;
import io.millrace.common.Memory;

/**
 * A value that is too long for a leaf: a chain of pages of its own, and the reference to it that stands in the leaf in place of the value.
 *
 * <pre>
 *   reference, 20 bytes    0 u64 first page    8 u64 its page LSN    16 u32 length in bytes
 *
 *   page of the chain
 *   0                32               40              48                       52              page size
 *   +----------------+----------------+---------------+------------------------+---------------+
 *   | common header  | u64 next page, | u64 its page  | u32 bytes of the value | bytes of      |
 *   | (kind 5)       | 0 for none     | LSN           | from here to its end   | the value     |
 *   +----------------+----------------+---------------+------------------------+---------------+
 * </pre>
 *
 * <p>All pages but the last are full. A page of a chain is written once and never changed, so that its LSN tells it from whatever else the page
 * has been or will be; and who reads the log alone finds each page's image there under this LSN. Little-endian.
 */
final class LongValueLayout {
    static final int REFERENCE_BYTES = 20;
    /** Bytes of a page's image in the log before those of the value. */
    static final int IMAGE_HEADER = 2 * Long.BYTES + Integer.BYTES;

    static final int VERSION = 1;

    private static final int REFERENCE_LSN = 8;
    private static final int REFERENCE_LENGTH = 16;
    private static final int NEXT = PageLayout.BODY;
    private static final int NEXT_LSN = PageLayout.BODY + 8;
    private static final int REST = PageLayout.BODY + 16;
    private static final int BYTES = PageLayout.BODY + IMAGE_HEADER;

    private LongValueLayout() {}

    static void writeReference(long reference, long head, long headLsn, int length) {
        Memory.putLong(reference, head);
        Memory.putLong(reference + REFERENCE_LSN, headLsn);
        Memory.putInt(reference + REFERENCE_LENGTH, length);
    }

    /** First page; 0 of the reference to a value that has no pages yet. */
    static long head(long reference) {
        return Memory.getLong(reference);
    }

    static long headLsn(long reference) {
        return Memory.getLong(reference + REFERENCE_LSN);
    }

    static int length(long reference) {
        return Memory.getInt(reference + REFERENCE_LENGTH);
    }

    /** Whether two references are the same. */
    static boolean isSame(long reference, long other) {
        return Memory.mismatch(reference, other, REFERENCE_BYTES) == REFERENCE_BYTES;
    }

    /** Bytes of a value that a page takes. */
    static int capacity(int pageSize) {
        return pageSize - BYTES;
    }

    static boolean isPart(long page) {
        return PageLayout.kind(page) == PageLayout.KIND_LONG_VALUE;
    }

    /** Whether the page is the part, written with this LSN, at whose beginning {@code rest} bytes of the value are left. */
    static boolean isPart(long page, long lsn, int rest) {
        return isPart(page) && PageLayout.pageLsn(page) == lsn && rest(page) == rest;
    }

    static long next(long page) {
        return Memory.getLong(page + NEXT);
    }

    static long nextLsn(long page) {
        return Memory.getLong(page + NEXT_LSN);
    }

    /** Bytes of the value from the page's first one on. */
    static int rest(long page) {
        return Memory.getInt(page + REST);
    }

    static long bytes(long page) {
        return page + BYTES;
    }

    /** Makes the page a part: {@code image} is its body. */
    static void format(long page, int pageSize, long image, int length) {
        PageLayout.kind(page, PageLayout.KIND_LONG_VALUE);
        PageLayout.version(page, VERSION);
        PageLayout.flags(page, 0);
        PageLayout.treeId(page, 0);
        Memory.copy(image, page + PageLayout.BODY, length);
        Memory.setMemory(page + PageLayout.BODY + length, pageSize - PageLayout.BODY - length, (byte) 0);
    }
}
