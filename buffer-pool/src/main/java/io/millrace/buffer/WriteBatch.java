package io.millrace.buffer;

import io.millrace.common.Memory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.agrona.BufferUtil;

/**
 * The pages one cleaner writes together: a double-write header page and a copy of each page behind it, in one direct buffer. Belongs to one
 * thread. The copy gets the page id and the checksum, the frame never does.
 */
final class WriteBatch {
    private final int pageSize;
    private final int capacity;
    private final ByteBuffer memory;
    private final ByteBuffer view;
    private final long base;
    private final int[] frame;
    private final long[] pageId;
    private final int[] order;
    private int count;
    private long highestLsn;
    private long number;

    WriteBatch(int capacity, int pageSize) {
        assert capacity > 0 && capacity <= DoubleWriteLayout.BATCH_PAGES;
        this.pageSize = pageSize;
        this.capacity = capacity;
        memory = BufferUtil.allocateDirectAligned((1 + capacity) * pageSize, pageSize)
                .order(ByteOrder.LITTLE_ENDIAN);
        view = memory.duplicate();
        base = BufferUtil.address(memory);
        frame = new int[capacity];
        pageId = new long[capacity];
        order = new int[capacity];
    }

    static long bytes(int capacity, int pageSize) {
        return (2L + capacity) * pageSize;
    }

    void clear() {
        count = 0;
        highestLsn = 0;
    }

    boolean isFull() {
        return count == capacity;
    }

    int count() {
        return count;
    }

    /** Highest page LSN in the batch: what the log must be durable up to before any of it is written (L1). */
    long highestLsn() {
        return highestLsn;
    }

    int frame(int index) {
        return frame[index];
    }

    /** Copies a page; the caller holds the frame's latch shared. */
    void add(int sourceFrame, long sourcePageId, long address) {
        long copy = base + (1L + count) * pageSize;
        Memory.copy(address, copy, pageSize);
        PageLayout.pageId(copy, sourcePageId);
        frame[count] = sourceFrame;
        pageId[count] = sourcePageId;
        highestLsn = Math.max(highestLsn, PageLayout.pageLsn(copy));
        int at = count++;
        while (at > 0 && pageId[order[at - 1]] > sourcePageId) {
            order[at] = order[at - 1];
            at--;
        }
        order[at] = count - 1;
    }

    /** Stamps the checksum into every copy. Not under any latch. */
    void stampChecksums() {
        for (int index = 0; index < count; index++) {
            int offset = (1 + index) * pageSize;
            PageLayout.checksum(base + offset, PageLayout.computeChecksum(view, offset, pageSize));
        }
    }

    /** Fills in the double-write header. */
    void seal(long storeId, long batchNumber, long highestPageLsn) {
        number = batchNumber;
        DoubleWriteLayout.header(memory, storeId, batchNumber, highestPageLsn, count, pageSize);
        for (int index = 0; index < count; index++) {
            long copy = base + (1L + index) * pageSize;
            DoubleWriteLayout.entry(memory, index, pageId[index], PageLayout.pageLsn(copy), PageLayout.checksum(copy));
        }
        DoubleWriteLayout.seal(memory, pageSize);
    }

    /** As sealed. */
    long number() {
        return number;
    }

    /** Header and copies, for one write. */
    ByteBuffer wholeImage() {
        return view.clear().limit((1 + count) * pageSize);
    }

    /** Writes every copy home, in page order. */
    void writeHome(DataFile dataFile) {
        for (int i = 0; i < count; i++) {
            int offset = (1 + order[i]) * pageSize;
            dataFile.write(
                    pageId[order[i]], view.clear().limit(offset + pageSize).position(offset));
        }
    }
}
