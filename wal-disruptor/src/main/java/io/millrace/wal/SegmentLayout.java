package io.millrace.wal;

import io.millrace.common.Crc32c;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Head of a segment file {@code wal/NUMBER.log}; blocks follow at 4096. Written with the first block, under the same force, because only then
 * the first LSN is known. Little-endian.
 *
 * <pre>
 *  0  u64 magic          8  u32 version     12  u32 feature flags
 * 16  u64 store id      24  u64 segment number
 * 32  u64 first LSN     40  u32 incarnation  44  u32 checksum of the last block of the segment before
 * 48  u32 CRC-32C of bytes 0 to 47
 * </pre>
 */
final class SegmentLayout {
    static final long MAGIC_VALUE = 0x474F_4C4C_4C49_4DL; // "MILLLOG"
    static final int VERSION_VALUE = 1;
    static final int MAGIC = 0;
    static final int VERSION = 8;
    static final int FEATURES = 12;
    static final int STORE_ID = 16;
    static final int NUMBER = 24;
    static final int FIRST_LSN = 32;
    static final int INCARNATION = 40;
    static final int PREVIOUS_CHECKSUM = 44;
    static final int CHECKSUM = 48;
    static final int LENGTH = 52;
    static final int FIRST_BLOCK = 4096;

    static final String DIRECTORY = "wal";

    private static final String SUFFIX = ".log";
    private static final int DIGITS = 20;

    private SegmentLayout() {}

    static String fileName(long number) {
        return String.format("%s/%020d.log", DIRECTORY, number);
    }

    /** The number in a segment's name, or -1 if it is not one. */
    static long numberOf(String name) {
        String prefix = DIRECTORY + "/";
        int digits = name.length() - prefix.length() - SUFFIX.length();
        if (digits != DIGITS || !name.startsWith(prefix) || !name.endsWith(SUFFIX)) {
            return -1;
        }
        try {
            return Long.parseUnsignedLong(name, prefix.length(), prefix.length() + DIGITS, 10);
        } catch (NumberFormatException other) {
            return -1;
        }
    }

    /** A header, ready to be written at 0. */
    static ByteBuffer header(long storeId, long number, int incarnation, long firstLsn, int previousChecksum) {
        ByteBuffer header = ByteBuffer.allocateDirect(LENGTH).order(ByteOrder.LITTLE_ENDIAN);
        header.putLong(MAGIC, MAGIC_VALUE);
        header.putInt(VERSION, VERSION_VALUE);
        header.putLong(STORE_ID, storeId);
        header.putLong(NUMBER, number);
        header.putLong(FIRST_LSN, firstLsn);
        header.putInt(INCARNATION, incarnation);
        header.putInt(PREVIOUS_CHECKSUM, previousChecksum);
        header.putInt(CHECKSUM, Crc32c.of(header, 0, CHECKSUM));
        return header;
    }

    /** Whether a header is whole, of whatever version. The buffer holds at least {@link #LENGTH} bytes, little-endian. */
    static boolean isHeader(ByteBuffer header) {
        return header.getLong(MAGIC) == MAGIC_VALUE && header.getInt(CHECKSUM) == Crc32c.of(header, 0, CHECKSUM);
    }
}
