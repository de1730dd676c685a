package io.millrace.wal;

import io.millrace.common.Crc32c;
import io.millrace.common.Memory;
import io.millrace.storage.OpenMode;
import io.millrace.storage.StorageDirectory;
import io.millrace.storage.StorageFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.BooleanSupplier;
import org.agrona.BufferUtil;

/**
 * Copies a stretch of a log, block by block, each verified, into another store's directory. The copy is the log of that store: every block gets
 * its id, and the chain of checksums is made anew. Segments keep their numbers and their size, blocks their places and LSNs. Engine threads only.
 */
public final class LogCopy implements BlockConsumer {
    private static final int FILL_BYTES = 1 << 20;

    private final StorageDirectory target;
    private final long storeId;
    private final long segmentSize;
    private final long toLsn;
    private final ByteBuffer window =
            BufferUtil.allocateDirectAligned(BlockLayout.MAX_LENGTH + BlockLayout.HEADER_LENGTH, 4096);
    private final ByteBuffer zeros = ByteBuffer.allocateDirect(FILL_BYTES);
    private StorageFile file;
    private long segment;
    private long position;
    private int previousChecksum;
    private int segments;
    private IOException failure;

    private LogCopy(StorageDirectory target, long storeId, long segmentSize, long toLsn) {
        this.target = target;
        this.storeId = storeId;
        this.segmentSize = segmentSize;
        this.toLsn = toLsn;
    }

    /**
     * Copies what holds the records from {@code fromLsn} to {@code toLsn}, which is durable and the end of a block; the first segment from its
     * beginning. All files are forced; the directory is not.
     *
     * @param source an open reader; stays open
     * @param storeId of the other store
     * @param segmentSize bytes of a segment
     * @param cancelled asked between blocks: then the answer is -1, and what was written is left
     * @return how many files were written
     */
    public static int copy(
            LogReader source,
            long fromLsn,
            long toLsn,
            StorageDirectory target,
            long storeId,
            long segmentSize,
            BooleanSupplier cancelled)
            throws IOException {
        LogCopy copy = new LogCopy(target, storeId, segmentSize, toLsn);
        try (LogCursor cursor = source.segmentCursor(fromLsn, copy)) {
            while (cursor.nextLsn() <= toLsn && cursor.next(copy)) {
                copy.check();
                if (cancelled.getAsBoolean()) {
                    return -1;
                }
            }
            copy.endSegment();
            return copy.segments;
        } finally {
            copy.close();
        }
    }

    @Override
    public ByteBuffer nextWindow() {
        return window;
    }

    @Override
    public void block(long address, int length) {
        if (failure != null || Memory.getLong(address + BlockLayout.LAST_LSN) > toLsn) {
            return;
        }
        try {
            write(address, length);
        } catch (IOException thrown) {
            failure = thrown;
        }
    }

    private void check() throws IOException {
        if (failure != null) {
            throw failure;
        }
    }

    private void write(long address, int length) throws IOException {
        long number = Memory.getLong(address + BlockLayout.SEGMENT);
        if (number != segment) {
            endSegment();
            beginSegment(number, address);
        }
        long at = Integer.toUnsignedLong(Memory.getInt(address + BlockLayout.POSITION));
        fill(at);
        adopt(address, length);
        int offset = (int) (address - BufferUtil.address(window));
        ByteBuffer block = window.duplicate();
        block.limit(offset + length).position(offset);
        file.write(at, block);
        position = at + length;
    }

    /** The block becomes one of the other store. The window is read only once, so it may be changed. */
    private void adopt(long address, int length) {
        Memory.putLong(address + BlockLayout.STORE_ID, storeId);
        Memory.putInt(address + BlockLayout.PREVIOUS_CHECKSUM, previousChecksum);
        int offset = (int) (address - BufferUtil.address(window));
        previousChecksum = Crc32c.of(window, offset + BlockLayout.BODY_LENGTH, length - BlockLayout.BODY_LENGTH);
        Memory.putInt(address + BlockLayout.CHECKSUM, previousChecksum);
    }

    private void beginSegment(long number, long firstBlock) throws IOException {
        segment = number;
        segments++;
        file = target.open(SegmentLayout.fileName(number), OpenMode.CREATE);
        position = 0;
        ByteBuffer header = SegmentLayout.header(
                storeId,
                number,
                Memory.getInt(firstBlock + BlockLayout.INCARNATION),
                Memory.getLong(firstBlock + BlockLayout.FIRST_LSN),
                previousChecksum);
        file.write(0, header);
        position = SegmentLayout.LENGTH;
    }

    /** A segment is as large as any other, so that it can be used again. */
    private void endSegment() throws IOException {
        if (file != null) {
            fill(segmentSize);
            file.force(true);
            close();
        }
    }

    private void fill(long end) throws IOException {
        while (position < end) {
            zeros.clear().limit((int) Math.min(zeros.capacity(), end - position));
            int length = zeros.remaining();
            file.write(position, zeros);
            position += length;
        }
    }

    private void close() throws IOException {
        if (file != null) {
            StorageFile open = file;
            file = null;
            open.close();
        }
    }
}
