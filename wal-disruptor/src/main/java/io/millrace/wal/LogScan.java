package io.millrace.wal;

import io.millrace.error.CorruptLogException;
import io.millrace.error.IncompatibleFormatException;
import io.millrace.storage.StorageDirectory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * Finds the end of the log, changing nothing (L10).
 *
 * <ol>
 *   <li>begin with the last segment whose first block is at or below the wanted LSN;
 *   <li>follow the chain: each block names the checksum and continues the LSN of the one before, within a segment or as the first of the next;
 *   <li>where the chain breaks, look at every byte behind: a valid block of the same or a later incarnation that says a later LSN had been
 *       forced proves damage, as does any proof from outside; without one it is a torn tail, which is normal.
 * </ol>
 */
final class LogScan implements AutoCloseable {
    /** Where a block stands that may not have been forced. */
    record Unforced(long segment, long position, long lastLsn) {}

    private final StorageDirectory directory;
    private final long fromLsn;
    private final RecordConsumer consumer;
    private final BlockReader blocks;
    private final LogIndex index = new LogIndex();
    private final Deque<Unforced> unforced = new ArrayDeque<>();
    private List<Long> numbers = List.of();
    private long endSegment;
    private long endPosition = SegmentLayout.FIRST_BLOCK;
    private long endLsn;
    private int endChecksum;
    private int endIncarnation;
    private long forcedLsn;
    private long headerlessSegment;
    private boolean begun;

    LogScan(StorageDirectory directory, long storeId, long fromLsn, RecordConsumer consumer) {
        this.directory = directory;
        this.fromLsn = fromLsn;
        this.consumer = consumer;
        blocks = new BlockReader(directory, storeId, BlockReader.NEAR);
        endLsn = fromLsn;
    }

    void run(LogProofs proofs) throws IOException {
        numbers = directory.list(SegmentLayout.DIRECTORY).stream()
                .map(SegmentLayout::numberOf)
                .filter(number -> number > 0)
                .sorted()
                .toList();
        int first = firstSegment();
        blocks.readAhead(BlockReader.FAR);
        consumer.begins(bytesFrom(first));
        for (int i = first; i >= 0 && i < numbers.size(); i++) {
            if (!followSegment(numbers.get(i))) {
                break;
            }
        }
        checkDamage(proofs);
    }

    /** Where to begin, -1 for nowhere. Older segments are kept for the other control slot: they belong to the log, but are not read. */
    private int firstSegment() throws IOException {
        int found = -1;
        long foundLsn = 0;
        for (int i = 0; i < numbers.size(); i++) {
            blocks.open(numbers.get(i));
            checkFormat();
            if (!blocks.isBlock(SegmentLayout.FIRST_BLOCK)) {
                continue;
            }
            long lsn = blocks.firstLsn();
            if (lsn <= fromLsn || found < 0 && lsn == fromLsn + 1) {
                if (found >= 0) {
                    index.adopt(numbers.get(found), foundLsn, blocks.size());
                }
                found = i;
                foundLsn = lsn;
            }
        }
        return found;
    }

    private long bytesFrom(int first) throws IOException {
        long bytes = 0;
        for (int i = Math.max(0, first); i < numbers.size(); i++) {
            blocks.open(numbers.get(i));
            bytes += blocks.size();
        }
        return bytes;
    }

    /** A header that is whole but not ours to read: nobody else's log is taken for damaged. */
    private void checkFormat() throws IOException {
        ByteBuffer header = blocks.header();
        if (header == null || !SegmentLayout.isHeader(header)) {
            return;
        }
        int version = header.getInt(SegmentLayout.VERSION);
        int features = header.getInt(SegmentLayout.FEATURES);
        if (version != SegmentLayout.VERSION_VALUE || features != 0) {
            throw new IncompatibleFormatException(
                    blocks.path(),
                    "version " + version + ", feature flags 0x" + Integer.toHexString(features),
                    "version " + SegmentLayout.VERSION_VALUE + " without feature flags");
        }
    }

    /** Follows the chain through one segment; false if it does not continue there. */
    private boolean followSegment(long number) throws IOException {
        blocks.open(number);
        long position = SegmentLayout.FIRST_BLOCK;
        if (!blocks.isBlock(position) || !chains()) {
            return false;
        }
        index.begin(number, blocks.firstLsn(), blocks.size());
        ByteBuffer header = blocks.header();
        if (header == null || !SegmentLayout.isHeader(header)) {
            headerlessSegment = number;
        }
        while (blocks.isBlock(position) && chains()) {
            index.note(blocks.firstLsn(), position);
            blocks.records(fromLsn, Long.MAX_VALUE, consumer);
            note(number, position);
            position += blocks.space();
            endPosition = position;
        }
        return true;
    }

    private boolean chains() {
        return !begun
                || blocks.previousChecksum() == endChecksum
                        && blocks.firstLsn() == endLsn + 1
                        && blocks.incarnation() >= endIncarnation;
    }

    private void note(long segment, long position) {
        begun = true;
        endSegment = segment;
        endLsn = blocks.lastLsn();
        endChecksum = blocks.checksum();
        endIncarnation = blocks.incarnation();
        forcedLsn = Math.max(forcedLsn, blocks.forcedLsn());
        unforced.addLast(new Unforced(segment, position, endLsn));
        while (!unforced.isEmpty() && unforced.peekFirst().lastLsn() <= forcedLsn) {
            unforced.removeFirst();
        }
    }

    private void checkDamage(LogProofs proofs) throws IOException {
        for (long number : numbers) {
            if (!begun || number >= endSegment) {
                checkBehind(number, begun && number == endSegment ? endPosition : SegmentLayout.FIRST_BLOCK);
            }
        }
        if (proofs.durableLsn() > endLsn) {
            throw damaged(proofs.source() + " shows that the log was durable up to LSN " + proofs.durableLsn());
        }
        if (fromLsn > 0 && (!begun || endLsn < fromLsn)) {
            throw damaged("the log is to be read from LSN " + fromLsn + ", which was durable");
        }
        checkHeader();
    }

    /** A header is written with the first block and forced with it: it may be torn only if that block is all there is. */
    private void checkHeader() {
        boolean unforcedFirst = unforced.stream()
                .anyMatch(
                        block -> block.segment() == headerlessSegment && block.position() == SegmentLayout.FIRST_BLOCK);
        if (headerlessSegment != 0 && !unforcedFirst) {
            throw new CorruptLogException(
                    directory.path(SegmentLayout.fileName(headerlessSegment)),
                    0,
                    endLsn,
                    "the header of the segment is invalid, and what was written after it had been forced");
        }
    }

    private void checkBehind(long number, long from) throws IOException {
        blocks.open(number);
        for (long at = blocks.search(from); at >= 0; at = blocks.search(at + 1)) {
            if (blocks.incarnation() >= endIncarnation && blocks.forcedLsn() > endLsn) {
                throw damaged("the block at " + at + " of " + SegmentLayout.fileName(number)
                        + " says that the log was forced up to LSN " + blocks.forcedLsn());
            }
        }
    }

    private CorruptLogException damaged(String proof) {
        String file = begun ? SegmentLayout.fileName(endSegment) : SegmentLayout.DIRECTORY;
        return new CorruptLogException(
                directory.path(file), endPosition, endLsn + 1, "no valid block stands there, but " + proof);
    }

    /** File, byte, and what stands there. */
    String describeEnd() throws IOException {
        if (!begun) {
            return "there is no log";
        }
        blocks.open(endSegment);
        try {
            return blocks.path() + " at byte " + endPosition + ": " + blocks.describe(endPosition);
        } finally {
            blocks.close();
        }
    }

    long endLsn() {
        return endLsn;
    }

    int endChecksum() {
        return endChecksum;
    }

    /** The segment the next run begins with. */
    long nextSegment() {
        return begun ? endSegment + 1 : 1;
    }

    LogIndex index() {
        return index;
    }

    /** Segments that hold nothing of the log. */
    List<Long> behind() {
        return numbers.stream().filter(number -> !begun || number > endSegment).toList();
    }

    /** Blocks that may not have been forced, oldest first. */
    Iterable<Unforced> unforced() {
        return unforced;
    }

    @Override
    public void close() throws IOException {
        blocks.close();
    }
}
