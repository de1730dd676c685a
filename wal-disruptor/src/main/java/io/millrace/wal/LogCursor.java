package io.millrace.wal;

import io.millrace.error.CorruptLogException;
import io.millrace.error.LogPositionGoneException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.function.LongSupplier;

/**
 * Reads the durable log forward from an LSN, block by block, through its end as it grows. Never waits: at the end, {@link Wal#whenDurable} tells
 * when there is more.
 *
 * <pre>
 * LogCursor log = wal.reader().from(lsn);
 * while (log.next(record)) { }                     // everything there is
 * wal.whenDurable(log.nextLsn(), goOn);            // and what comes
 * </pre>
 *
 * <p>Engine threads only, one at a time. The log may be truncated under it: what it has not read yet is a {@link LogPositionGoneException} then.
 */
public final class LogCursor implements AutoCloseable {
    private final LogSegments segments;
    private final LongSupplier end;
    private final BlockReader blocks;
    private final long fromLsn;
    private long segment;
    private boolean archived;
    private long position;
    private long nextBlockLsn;
    private long nextLsn;

    LogCursor(LogSegments segments, LongSupplier end, BlockReader blocks, long fromLsn) {
        this.segments = segments;
        this.end = end;
        this.blocks = blocks;
        this.fromLsn = fromLsn;
        nextLsn = fromLsn;
    }

    /** Everything below has been handed over. */
    public long nextLsn() {
        return nextLsn;
    }

    /**
     * Hands over the records of the next block that has any at or above the LSN to begin with, in LSN order.
     *
     * @return false, and nothing is handed over, at the present end
     * @throws LogPositionGoneException if they were truncated
     * @throws CorruptLogException if what was durable is not there
     */
    public boolean next(RecordConsumer consumer) throws IOException {
        return next(Long.MAX_VALUE, consumer) >= 0;
    }

    /** The same up to {@code toLsn}; answers how many records that were, -1 at the end. */
    int next(long toLsn, RecordConsumer consumer) throws IOException {
        if (!find(toLsn)) {
            return -1;
        }
        int found = blocks.records(fromLsn, toLsn, consumer);
        pass();
        return found;
    }

    /** Hands over the next block as a whole; false at the present end. */
    boolean next(BlockConsumer consumer) throws IOException {
        if (!find(Long.MAX_VALUE)) {
            return false;
        }
        consumer.block(blocks.address(), blocks.length());
        pass();
        return true;
    }

    /** Goes to the next block that has records from the LSN to begin with on; false at the end. */
    private boolean find(long toLsn) throws IOException {
        if (nextLsn > Math.min(toLsn, end.getAsLong())) {
            return false;
        }
        if (nextBlockLsn == 0) {
            begin();
        }
        goTo();
        while (blocks.lastLsn() < fromLsn) {
            pass();
            goTo();
        }
        return true;
    }

    private void pass() {
        position += blocks.space();
        nextBlockLsn = blocks.lastLsn() + 1;
        nextLsn = Math.max(nextLsn, nextBlockLsn);
    }

    private void begin() throws IOException {
        LogPosition start = segments.positionOf(fromLsn);
        if (start == null) {
            throw new LogPositionGoneException(fromLsn, segments.oldestLsn());
        }
        segment = start.segment();
        position = start.offset();
        nextBlockLsn = start.firstLsn();
    }

    /** Goes to the next block, which may be the first one of another segment. */
    private void goTo() throws IOException {
        long own = segments.ownOf(nextBlockLsn);
        if (own == LogSegments.NONE) {
            goToArchived();
            return;
        }
        archived = false;
        turnTo(own);
        if (isThere()) {
            return;
        }
        if (segments.ownOf(nextBlockLsn) != LogSegments.NONE) {
            throw missing();
        }
        goToArchived();
    }

    /** The same where the store has let it go. */
    private void goToArchived() throws IOException {
        // Nobody knows where a segment of the archive ends but who tries.
        if (archived && isThere()) {
            return;
        }
        long number = segments.archivedOf(nextBlockLsn);
        if (number == LogSegments.NONE) {
            throw missing();
        }
        archived = true;
        turnTo(number);
        if (!isThere()) {
            throw missing();
        }
    }

    private void turnTo(long number) {
        if (number != segment) {
            segment = number;
            position = SegmentLayout.FIRST_BLOCK;
        }
    }

    private boolean isThere() throws IOException {
        try {
            blocks.open(segment);
            if (isNext()) {
                return true;
            }
            // What was read ahead may be older than the block.
            blocks.forget();
            if (isNext()) {
                return true;
            }
            // The file may have become another segment, and the archive may have this one.
            blocks.close();
            blocks.open(segment);
            return isNext();
        } catch (NoSuchFileException deleted) {
            return false;
        }
    }

    private boolean isNext() throws IOException {
        boolean next = blocks.isBlock(position) && blocks.firstLsn() == nextBlockLsn;
        if (next) {
            segments.learn(segment, nextBlockLsn, position);
        }
        return next;
    }

    private RuntimeException missing() {
        long oldest = segments.oldestLsn();
        if (nextBlockLsn < oldest) {
            return new LogPositionGoneException(nextBlockLsn, oldest);
        }
        return new CorruptLogException(segments.path(segment), position, nextBlockLsn, "no valid block stands there");
    }

    /** Closes the file that is open; the cursor can be used again. */
    @Override
    public void close() throws IOException {
        blocks.close();
    }
}
