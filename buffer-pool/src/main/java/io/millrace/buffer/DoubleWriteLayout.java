package io.millrace.buffer;

import io.millrace.common.Crc32c;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The double-write file: two areas, batch n in area n modulo 2. An area is a header, padded to a page, and room for {@value #BATCH_PAGES} page
 * images.
 *
 * <pre>
 *  area:    | header (one page) | image 0 | image 1 | ... | image 63 |
 *
 *  header:  0        8        12       14     16        24        32        40     44         48        64
 *           +--------+--------+--------+------+---------+---------+---------+------+----------+---------+---------
 *           | magic  |checksum|version |flags | store id| batch   | highest | count| page size| 0       | entries
 *           |        |        |        |      |         | number  | page LSN|      |          |         |
 *           +--------+--------+--------+------+---------+---------+---------+------+----------+---------+---------
 *            u64      u32      u16      u16    u64       u64       u64       u32    u32        16 B
 *
 *  entry:   0         8          16         20     24
 *           +---------+----------+----------+------+
 *           | page id | page LSN | checksum |  0   |
 *           +---------+----------+----------+------+
 *            u64       u64        u32        u32
 * </pre>
 *
 * <p>Little-endian. The checksum is CRC-32C of the header page behind it; an entry's checksum is the one stored in the page image. The highest
 * page LSN is that of all pages ever written, this batch included: the log was durable up to there before the batch was written (L1, L10).
 * Batches count from 1; an all-zero header is an area never used.
 */
final class DoubleWriteLayout {
    /** Page images per area. */
    static final int BATCH_PAGES = 64;

    static final int AREAS = 2;

    /** "MLRC-DWB". */
    static final long MAGIC = 0x4257_442D_4352_4C4DL;

    static final int FORMAT_VERSION = 1;

    static final int MAGIC_AT = 0;
    static final int CHECKSUM = 8;
    static final int VERSION = 12;
    static final int FLAGS = 14;
    static final int STORE_ID = 16;
    static final int BATCH_NUMBER = 24;
    static final int HIGHEST_PAGE_LSN = 32;
    static final int COUNT = 40;
    static final int PAGE_SIZE = 44;
    static final int ENTRIES = 64;

    static final int ENTRY_SIZE = 24;
    static final int ENTRY_PAGE_ID = 0;
    static final int ENTRY_PAGE_LSN = 8;
    static final int ENTRY_CHECKSUM = 16;

    private DoubleWriteLayout() {}

    /** Where the area of a batch begins. */
    static long areaOffset(int area, int pageSize) {
        return (long) area * (1 + BATCH_PAGES) * pageSize;
    }

    /** Where the image of an entry begins. */
    static long imageOffset(int area, int entry, int pageSize) {
        return areaOffset(area, pageSize) + (long) (1 + entry) * pageSize;
    }

    static int areaOf(long batchNumber) {
        return (int) (batchNumber % AREAS);
    }

    static long fileSize(int pageSize) {
        return areaOffset(AREAS, pageSize);
    }

    static int entry(int index) {
        return ENTRIES + index * ENTRY_SIZE;
    }

    /** Fills in everything but the entries and the checksum; the buffer is little-endian, the header at its start. */
    static void header(
            ByteBuffer header, long storeId, long batchNumber, long highestPageLsn, int count, int pageSize) {
        assert header.order() == ByteOrder.LITTLE_ENDIAN;
        header.putLong(MAGIC_AT, MAGIC);
        header.putShort(VERSION, (short) FORMAT_VERSION).putShort(FLAGS, (short) 0);
        header.putLong(STORE_ID, storeId)
                .putLong(BATCH_NUMBER, batchNumber)
                .putLong(HIGHEST_PAGE_LSN, highestPageLsn)
                .putInt(COUNT, count)
                .putInt(PAGE_SIZE, pageSize);
        for (int i = PAGE_SIZE + Integer.BYTES; i < ENTRIES; i++) {
            header.put(i, (byte) 0);
        }
    }

    static void entry(ByteBuffer header, int index, long pageId, long pageLsn, int checksum) {
        int at = entry(index);
        header.putLong(at + ENTRY_PAGE_ID, pageId)
                .putLong(at + ENTRY_PAGE_LSN, pageLsn)
                .putInt(at + ENTRY_CHECKSUM, checksum)
                .putInt(at + ENTRY_CHECKSUM + Integer.BYTES, 0);
    }

    /** Zeros behind the last entry, then the checksum. */
    static void seal(ByteBuffer header, int pageSize) {
        for (int i = entry(header.getInt(COUNT)); i < pageSize; i++) {
            header.put(i, (byte) 0);
        }
        header.putInt(CHECKSUM, computeChecksum(header, pageSize));
    }

    /** Whether this is a whole header, of whatever version: magic and checksum. */
    static boolean isWhole(ByteBuffer header, int pageSize) {
        return header.getLong(MAGIC_AT) == MAGIC && header.getInt(CHECKSUM) == computeChecksum(header, pageSize);
    }

    /** Whether a whole header is of that store. */
    static boolean belongsTo(ByteBuffer header, long storeId, int pageSize) {
        return header.getLong(STORE_ID) == storeId && header.getInt(PAGE_SIZE) == pageSize;
    }

    private static int computeChecksum(ByteBuffer header, int pageSize) {
        return Crc32c.of(header, CHECKSUM + Integer.BYTES, pageSize - CHECKSUM - Integer.BYTES);
    }
}
