package io.millrace.recovery;

import io.millrace.common.Memory;

/**
 * Page changes on their way from the log reader to the worker that owns their pages: a run of entries in memory outside the heap. One thread fills
 * it, another one reads it, {@link RedoQueue} hands it over. Allocates nothing but its buffer.
 *
 * <pre>
 *  0  u64 LSN of the record        8  u64 page id        16  u64 stamp
 * 24  u32 length of the body      28  u32 operation      32  body, padded to a multiple of 8
 * </pre>
 *
 * <p>What a record does to the pages of one partition stands in one batch.
 */
final class RedoBatch {
    static final int HEADER_LENGTH = 32;

    private static final int PAGE = 8;
    private static final int STAMP = 16;
    private static final int LENGTH = 24;
    private static final int OPERATION = 28;
    private static final int ALIGNMENT = 8;

    private final long base;
    private final int capacity;
    private int used;
    private int count;

    /** With room for so many bytes. */
    RedoBatch(int capacity) {
        this.capacity = capacity;
        base = Memory.allocate(capacity);
    }

    /** Most bytes that the changes of a record can take. */
    static long bytes(int recordLength, int changes) {
        return recordLength + (long) changes * (HEADER_LENGTH + ALIGNMENT);
    }

    boolean hasRoom(long bytes) {
        return used + bytes <= capacity;
    }

    void clear() {
        used = 0;
        count = 0;
    }

    /** Copies a change; there is room. */
    void add(long lsn, long pageId, long stamp, int operation, long body, int length) {
        long at = base + used;
        Memory.putLong(at, lsn);
        Memory.putLong(at + PAGE, pageId);
        Memory.putLong(at + STAMP, stamp);
        Memory.putInt(at + LENGTH, length);
        Memory.putInt(at + OPERATION, operation);
        Memory.copy(body, at + HEADER_LENGTH, length);
        used += entryBytes(length);
        count++;
    }

    private static int entryBytes(int length) {
        return (HEADER_LENGTH + length + ALIGNMENT - 1) & -ALIGNMENT;
    }

    /** Number of changes. */
    int count() {
        return count;
    }

    /** Address of the first entry. */
    long first() {
        return base;
    }

    static long next(long entry) {
        return entry + entryBytes(length(entry));
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
        return entry + HEADER_LENGTH;
    }

    /** Gives the memory back; nobody uses the batch any more. */
    void free() {
        Memory.free(base);
    }
}
