package io.millrace.wal;

import io.millrace.error.CorruptLogException;
import io.millrace.error.StorageIoException;
import java.io.IOException;
import java.util.function.LongSupplier;

/**
 * Reads the durable part of the log: forward from an LSN, or one record by its LSN through the sparse index. Works on a log that recovery has
 * found ({@link RecoveredLog#reader}) and on the one being written ({@link Wal#reader}).
 *
 * <p>Engine threads only, one at a time; each has a window of 1 MiB. What was truncated meanwhile, and is in no archive, is a {@link io.millrace.error.LogPositionGoneException},
 * what is missing otherwise a {@link CorruptLogException}.
 */
public final class LogReader implements AutoCloseable {
    private final LogSegments segments;
    private final long storeId;
    private final LongSupplier end;
    private BlockReader blocks;

    LogReader(LogSegments segments, long storeId, LongSupplier end) {
        this.segments = segments;
        this.storeId = storeId;
        this.end = end;
    }

    /** First LSN of the oldest segment of the store's own, 0 if the log is empty. */
    public long oldestLsn() {
        return segments.oldestLsn();
    }

    /** Last LSN that can be read now. */
    public long endLsn() {
        return end.getAsLong();
    }

    /** A block that begins at or before {@code lsn}, the nearest that is known; null if the log no longer reaches back there. */
    public LogPosition positionOf(long lsn) throws IOException {
        return segments.positionOf(lsn);
    }

    /** Every record from {@code fromLsn} to the present end, in LSN order. */
    public void scan(long fromLsn, RecordConsumer consumer) throws IOException {
        scan(fromLsn, Long.MAX_VALUE, consumer);
    }

    /** Every record from {@code fromLsn} to {@code toLsn}, both included, or to the present end, in LSN order. */
    public void scan(long fromLsn, long toLsn, RecordConsumer consumer) throws IOException {
        walk(Math.max(1, fromLsn), Math.min(toLsn, endLsn()), BlockReader.FAR, consumer);
    }

    /** Every block that holds records from {@code fromLsn} to the present end, in their order; the first may begin before. */
    public void blocks(long fromLsn, BlockConsumer consumer) throws IOException {
        BlockReader own = new BlockReader(segments, storeId, BlockReader.FAR, consumer::nextWindow);
        try (LogCursor cursor = new LogCursor(segments, end, own, Math.max(1, fromLsn))) {
            while (cursor.next(consumer)) {
                // The consumer has it.
            }
        }
    }

    /** The record with this LSN. */
    public void read(long lsn, RecordConsumer consumer) {
        int found = 0;
        try {
            if (lsn >= 1 && lsn <= endLsn()) {
                found = walk(lsn, lsn, BlockReader.NEAR, consumer);
            }
        } catch (IOException failure) {
            throw new StorageIoException("read LSN " + lsn + " of the log", failure);
        }
        if (found == 0) {
            throw new CorruptLogException(segments.directory(), 0, lsn, "no record has this LSN");
        }
    }

    private int walk(long fromLsn, long toLsn, int readAhead, RecordConsumer consumer) throws IOException {
        if (blocks == null) {
            blocks = new BlockReader(segments, storeId, readAhead);
        }
        blocks.readAhead(readAhead);
        LogCursor cursor = new LogCursor(segments, end, blocks, fromLsn);
        int found = 0;
        for (int some = cursor.next(toLsn, consumer); some >= 0; some = cursor.next(toLsn, consumer)) {
            found += some;
        }
        return found;
    }

    /** A cursor of its own, with a window of its own, from {@code lsn} on. */
    public LogCursor from(long lsn) {
        return new LogCursor(segments, end, new BlockReader(segments, storeId, BlockReader.FAR), Math.max(1, lsn));
    }

    /** A cursor from the first block of the segment that holds {@code lsn} on, reading into the memory of {@code consumer}. */
    LogCursor segmentCursor(long lsn, BlockConsumer consumer) {
        long first = segments.firstLsnOf(Math.max(1, lsn));
        return new LogCursor(
                segments, end, new BlockReader(segments, storeId, BlockReader.FAR, consumer::nextWindow), first);
    }

    /** Closes the file that is open; the reader can be used again. */
    @Override
    public void close() throws IOException {
        if (blocks != null) {
            blocks.close();
        }
    }
}
