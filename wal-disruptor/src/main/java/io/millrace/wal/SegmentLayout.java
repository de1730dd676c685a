package io.millrace.wal;

/**
 * Head of a segment file {@code wal/NUMBER.log}; blocks follow. Little-endian.
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

    private SegmentLayout() {}

    static String fileName(long number) {
        return String.format("%s/%020d.log", DIRECTORY, number);
    }

    /** The number in a segment's name, or -1 if it is not one. */
    static long numberOf(String name) {
        return name.matches(DIRECTORY + "/\\d{20}\\.log")
                ? Long.parseLong(name.substring(DIRECTORY.length() + 1, DIRECTORY.length() + 21))
                : -1;
    }
}
