package io.millrace.recovery;

import io.millrace.common.Memory;

/**
 * Page changes that a worker has picked out of the log, by reference: their bodies stay where they were read. A run of entries in memory outside
 * the heap. One thread; allocates nothing but its memory.
 *
 * <pre>
 *  0  u64 LSN of the record        8  u64 page id        16  u64 stamp
 * 24  u64 address of the body     32  u32 length of the body      36  u32 operation
 * </pre>
 *
 * <p>What a record does to a page stands in one batch.
 */
final class RedoBatch {
    private static final int PAGE = 8;
    private static final int STAMP = 16;
    private static final int BODY = 24;
    private static final int LENGTH = 32;
    private static final int OPERATION = 36;
    private static final int ENTRY_BYTES = 40;

    private final long base;
    private final int capacity;
    private int count;

    /** With room for so many changes. */
    RedoBatch(int capacity) {
        this.capacity = capacity;
        base = Memory.allocate((long) capacity * ENTRY_BYTES);
    }

    boolean hasRoom(int changes) {
        return count + changes <= capacity;
    }

    void clear() {
        count = 0;
    }

    /** Takes a change; there is room. */
    void add(long lsn, long pageId, long stamp, int operation, long body, int length) {
        long at = entry(count++);
        Memory.putLong(at, lsn);
        Memory.putLong(at + PAGE, pageId);
        Memory.putLong(at + STAMP, stamp);
        Memory.putLong(at + BODY, body);
        Memory.putInt(at + LENGTH, length);
        Memory.putInt(at + OPERATION, operation);
    }

    /** Number of changes. */
    int count() {
        return count;
    }

    /** Address of an entry. */
    long entry(int index) {
        return base + (long) index * ENTRY_BYTES;
    }

    static long lsn(long entry) {
        return Memory.getLong(entry);
    }

    static long pageId(long entry) {
        return Memory.getLong(entry + PAGE);
    }

    static long stamp(long entry) {
        return Memory.getLong(entry + STAMP);
    }

    static int operation(long entry) {
        return Memory.getInt(entry + OPERATION);
    }

    static int length(long entry) {
        return Memory.getInt(entry + LENGTH);
    }

    static long body(long entry) {
        return Memory.getLong(entry + BODY);
    }

    /** Gives the memory back; nobody uses the batch any more. */
    void free() {
        Memory.free(base);
    }
}
