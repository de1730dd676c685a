package io.millrace.txn;

/**
 * One overwritten version in the {@link VersionStore}, off-heap.
 *
 * <pre>
 *  0  u64 next node of the bucket, older
 *  8  u64 next node in the order of overwriting (the purger's queue)
 * 16  u64 begin stamp: who wrote this version; 0 when there was none
 * 24  u64 end stamp: who overwrote it; 0 until the overwriting record has its LSN
 * 32  u64 LSN of the overwriting record
 * 40  u64 tree id
 * 48  u32 key length        52  u32 flags (ABSENT, GHOST, LONG, TAKEN_OVER)
 * 56  u32 value length      60  u32 bytes allocated
 * 64  key, value
 * </pre>
 */
final class VersionNodeLayout {
    static final int NEXT = 0;
    static final int QUEUE_NEXT = 8;
    static final int BEGIN = 16;
    static final int END = 24;
    static final int LSN = 32;
    static final int TREE = 40;
    static final int KEY_LENGTH = 48;
    static final int FLAGS = 52;
    static final int VALUE_LENGTH = 56;
    static final int ALLOCATED = 60;
    static final int KEY = 64;

    private VersionNodeLayout() {}
}
