package io.millrace.recovery;

import io.millrace.common.Memory;

/**
 * Page changes for one worker, by reference: their bodies stay where they were read. A run of entries in memory outside the heap that grows as the
 * changes of its windows need. Filled by one thread, then read by another.
 *
 * <pre>
 *  0  u64 LSN of the record        8  u64 page id        16  u64 stamp
 * 24  u64 address of the body     32  u32 length of the body      36  u32 operation
 * </pre>
 */
final class RedoBatch {
    private static final int PAGE = 8;
    private static final int STAMP = 16;
    private static final int BODY = 24;
    private static final int LENGTH = 32;
    private static final int OPERATION = 36;
    private static final int ENTRY_BYTES = 40;
    private static final int FIRST_CAPACITY = 1 << 12;

    private long base;
    private int capacity = FIRST_CAPACITY;
    private int count;

    RedoBatch() {
        base = Memory.allocate((long) capacity * ENTRY_BYTES);
    }

    void clear() {
        count = 0;
    }

    void add(long lsn, long pageId, long stamp, int operation, long body, int length) {
        if (count == capacity) {
            grow();
        }
        long at = entry(count++);
        Memory.putLong(at, lsn);
        Memory.putLong(at + PAGE, pageId);
        Memory.putLong(at + STAMP, stamp);
        Memory.putLong(at + BODY, body);
        Memory.putInt(at + LENGTH, length);
        Memory.putInt(at + OPERATION, operation);
    }

    private void grow() {
        long larger = Memory.allocate(2L * capacity * ENTRY_BYTES);
        Memory.copy(base, larger, (long) capacity * ENTRY_BYTES);
        Memory.free(base);
        base = larger;
        capacity *= 2;
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
