package io.millrace.recovery;

/**
 * A slot of the control file. Two slots, 4 KiB apart, are written in turn; the valid one with the higher sequence counts. Little-endian.
 *
 * <pre>
 *   0  u64 magic            8  u32 version         12  u32 reserved
 *  16  u64 feature flags   24  u64 sequence        32  u64 store id
 *  40  u64 incarnation     48  u32 page size       52  u32 reserved
 *  56  u64 restart LSN     64  u64 scan start LSN  72  u64 durable LSN
 *  80  u64 highest page LSN ever written
 *  88  u64 last retired double-write batch
 *  96  u64 end LSN of a clean close, 0 otherwise
 * 104  u64 pages the data file has at least
 * 112  reserved, zero
 * 124  u32 CRC-32C of bytes 0 to 123
 * </pre>
 */
final class ControlFileLayout {
    static final long MAGIC = 0x4543_4152_4C4C_494DL; // "MILLRACE"
    static final int VERSION = 1;
    static final int SLOT_DISTANCE = 4096;
    static final int FILE_LENGTH = 2 * SLOT_DISTANCE;
    static final int LENGTH = 128;

    static final int MAGIC_AT = 0;
    static final int VERSION_AT = 8;
    static final int FEATURES_AT = 16;
    static final int SEQUENCE_AT = 24;
    static final int STORE_ID_AT = 32;
    static final int INCARNATION_AT = 40;
    static final int PAGE_SIZE_AT = 48;
    static final int RESTART_LSN_AT = 56;
    static final int SCAN_START_LSN_AT = 64;
    static final int DURABLE_LSN_AT = 72;
    static final int HIGHEST_PAGE_LSN_AT = 80;
    static final int RETIRED_BATCH_AT = 88;
    static final int CLEAN_END_AT = 96;
    static final int DATA_PAGES_AT = 104;
    static final int CHECKSUM_AT = 124;

    private ControlFileLayout() {}
}
