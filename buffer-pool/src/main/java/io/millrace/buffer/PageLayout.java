package io.millrace.buffer;

import io.millrace.common.Crc32c;
import io.millrace.common.Memory;
import java.nio.ByteBuffer;

/**
 * The header that every page begins with.
 *
 * <pre>
 *  0        4    5    6     8              16             24      28      32
 *  +--------+----+----+-----+--------------+--------------+-------+-------+------ ...
 *  |checksum|kind|vers|flags| page LSN     | page id      |tree id|  0    | body
 *  +--------+----+----+-----+--------------+--------------+-------+-------+------ ...
 *   u32      u8   u8   u16   u64            u64            u32     u32
 * </pre>
 *
 * <p>Little-endian. The checksum is CRC-32C of everything behind it. An all-zero page is valid: LSN 0, kind 0. Checksum and page id belong to
 * the pool, which sets both in the copy it writes; the rest belongs to whoever formats the page. The page LSN of a resident page is changed
 * only under its exclusive latch.
 */
public final class PageLayout {
    /** u32, CRC-32C of bytes 4 to the end. */
    public static final int CHECKSUM = 0;
    /** u8, one of the {@code KIND_} constants. */
    public static final int KIND = 4;
    /** u8, format version of the body. */
    public static final int VERSION = 5;
    /** u16, the owner's. */
    public static final int FLAGS = 6;
    /** u64, LSN of the last change. */
    public static final int PAGE_LSN = 8;
    /** u64, the page's own number. */
    public static final int PAGE_ID = 16;
    /** u32, the tree it belongs to. */
    public static final int TREE_ID = 24;
    /** u32, zero. */
    public static final int RESERVED = 28;
    /** Where the body begins. */
    public static final int BODY = 32;

    /** Never formatted. */
    public static final int KIND_FREE = 0;
    /** Facts about the store. */
    public static final int KIND_META = 1;
    /** Which pages are in use. */
    public static final int KIND_SPACE_MAP = 2;
    /** Leaf of a tree. */
    public static final int KIND_LEAF = 3;
    /** Inner node of a tree. */
    public static final int KIND_INNER = 4;
    /** Part of a value that is too long for a leaf. */
    public static final int KIND_LONG_VALUE = 5;

    private PageLayout() {}

    /** Sets the header of a fresh page; the body stays as it is. */
    public static void format(long page, int kind, long pageId, int treeId) {
        Memory.setMemory(page, BODY, (byte) 0);
        kind(page, kind);
        pageId(page, pageId);
        treeId(page, treeId);
    }

    public static int checksum(long page) {
        return Memory.getInt(page + CHECKSUM);
    }

    public static int kind(long page) {
        return Memory.getUnsignedByte(page + KIND);
    }

    public static void kind(long page, int kind) {
        Memory.putByte(page + KIND, (byte) kind);
    }

    public static int version(long page) {
        return Memory.getUnsignedByte(page + VERSION);
    }

    public static void version(long page, int version) {
        Memory.putByte(page + VERSION, (byte) version);
    }

    public static int flags(long page) {
        return Memory.getUnsignedShort(page + FLAGS);
    }

    public static void flags(long page, int flags) {
        Memory.putShort(page + FLAGS, (short) flags);
    }

    public static long pageLsn(long page) {
        return Memory.getLong(page + PAGE_LSN);
    }

    public static void pageLsn(long page, long lsn) {
        Memory.putLong(page + PAGE_LSN, lsn);
    }

    public static long pageId(long page) {
        return Memory.getLong(page + PAGE_ID);
    }

    public static void pageId(long page, long pageId) {
        Memory.putLong(page + PAGE_ID, pageId);
    }

    public static int treeId(long page) {
        return Memory.getInt(page + TREE_ID);
    }

    public static void treeId(long page, int treeId) {
        Memory.putInt(page + TREE_ID, treeId);
    }

    /** Whether no bit is set. Cheap for a page that has a header. */
    public static boolean isZero(long page, int pageSize) {
        for (int offset = 0; offset < pageSize; offset += Long.BYTES) {
            if (Memory.getLong(page + offset) != 0) {
                return false;
            }
        }
        return true;
    }

    /** The checksum of the page image at {@code offset} of a buffer. */
    static int computeChecksum(ByteBuffer image, int offset, int pageSize) {
        return Crc32c.of(image, offset + KIND, pageSize - KIND);
    }

    static void checksum(long page, int checksum) {
        Memory.putInt(page + CHECKSUM, checksum);
    }
}
