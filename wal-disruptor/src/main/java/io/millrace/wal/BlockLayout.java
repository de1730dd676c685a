package io.millrace.wal;

import io.millrace.common.Memory;

/**
 * A block: one batch of records as written in one piece. Blocks stand back to back in a segment. Little-endian.
 *
 * <pre>
 *  0  u32 magic                         4  u32 CRC-32C of bytes 8 to the end of the block
 *  8  u32 length of the records        12  u32 checksum of the block before
 * 16  u64 store id                     24  u64 segment number
 * 32  u32 position in the segment      36  u32 incarnation
 * 40  u64 first LSN (of the first slot)
 * 48  u64 last LSN
 * 56  u64 forced LSN: the log was durable up to here when this was written
 * 64  u32 number of records            68  u16 slot size / 16    70  u16 flags
 * 72  u64 fencing token, 0 for a local log
 * 80  records, and with flag 1 zeros up to the next multiple of 4096, which are not part of the length
 * </pre>
 *
 * <p>Store, segment, position and incarnation are under the checksum: neither a stale block of a recycled segment nor an old block stored as
 * somebody's value can be taken for a live one (D10).
 */
public final class BlockLayout {
    /** The first bytes of every block, "BLK1". */
    public static final int MAGIC_VALUE = 0x314B_4C42;

    /** u32. */
    public static final int MAGIC = 0;

    static final int CHECKSUM = 4;
    /** u32. */
    public static final int BODY_LENGTH = 8;

    static final int PREVIOUS_CHECKSUM = 12;
    static final int STORE_ID = 16;
    static final int SEGMENT = 24;
    static final int POSITION = 32;
    static final int INCARNATION = 36;
    /** u64. */
    public static final int FIRST_LSN = 40;
    /** u64. */
    public static final int LAST_LSN = 48;

    static final int FORCED_LSN = 56;
    /** u32. */
    public static final int RECORD_COUNT = 64;
    /** u16. */
    public static final int SLOT_SIZE = 68;

    static final int FLAGS = 70;
    static final int FENCING_TOKEN = 72;
    /** Bytes of the header. */
    public static final int HEADER_LENGTH = 80;
    /** What the slot size is counted in. */
    public static final int SLOT_UNIT = 16;

    /** The next block begins at a multiple of 4096. */
    static final int FLAG_PADDED = 1;

    /** Longest block, header included. */
    public static final int MAX_LENGTH = 1 << 20;

    private BlockLayout() {}

    /** Length of a block, header included. */
    public static int length(long block) {
        return HEADER_LENGTH + Memory.getInt(block + BODY_LENGTH);
    }

    /** How many records a block has. */
    public static int records(long block) {
        return Memory.getInt(block + RECORD_COUNT);
    }
}
