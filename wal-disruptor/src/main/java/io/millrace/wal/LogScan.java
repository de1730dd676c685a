package io.millrace.wal;

import io.millrace.error.CorruptLogException;
import io.millrace.storage.StorageDirectory;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
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
final class LogScan {
    /** Where a block stands that may not have been forced. */
    record Unforced(long segment, long position, int length, long lastLsn) {}

    private final StorageDirectory directory;
    private final long storeId;
    private final long fromLsn;
    private final RecordConsumer consumer;
    private final List<LogStart.SegmentStart> segments = new ArrayList<>();
    private final Deque<Unforced> unforced = new ArrayDeque<>();
    private List<Long> numbers = List.of();
    private LogReader reader;
    private long endSegment;
    private long endPosition = SegmentLayout.FIRST_BLOCK;
    private long endLsn;
    private int endChecksum;
    private int endIncarnation;
    private long forcedLsn;
    private boolean begun;

    LogScan(StorageDirectory directory, long storeId, long fromLsn, RecordConsumer consumer) {
        this.directory = directory;
        this.storeId = storeId;
        this.fromLsn = fromLsn;
        this.consumer = consumer;
        endLsn = fromLsn;
    }

    void run(LogProofs proofs) throws IOException {
        numbers = directory.list(SegmentLayout.DIRECTORY).stream()
                .map(SegmentLayout::numberOf)
                .filter(number -> number >= 0)
                .sorted()
                .toList();
        reader = new LogReader(directory, storeId, segments, Long.MAX_VALUE);
        int first = firstSegment();
        if (first >= 0) {
            noteFormer(first);
            follow(first);
        }
        checkDamage(proofs);
        reader.endsAt(endLsn);
    }

    private int firstSegment() throws IOException {
        int found = -1;
        for (int i = 0; i < numbers.size(); i++) {
            try (BlockReader blocks = new BlockReader(directory, storeId, numbers.get(i))) {
                if (blocks.isBlock(SegmentLayout.FIRST_BLOCK) && (found < 0 || blocks.firstLsn() <= fromLsn)) {
                    found = blocks.firstLsn() <= fromLsn + 1 ? i : found;
                }
            }
        }
        return found;
    }

    /** Older segments are kept for the other control slot; they belong to the log, but are not read. */
    private void noteFormer(int first) throws IOException {
        for (int i = 0; i < first; i++) {
            try (BlockReader blocks = new BlockReader(directory, storeId, numbers.get(i))) {
                if (blocks.isBlock(SegmentLayout.FIRST_BLOCK)) {
                    segments.add(new LogStart.SegmentStart(numbers.get(i), blocks.firstLsn()));
                }
            }
        }
    }

    private void follow(int first) throws IOException {
        boolean chained = true;
        for (int i = first; i < numbers.size() && chained; i++) {
            chained = followSegment(numbers.get(i));
        }
    }

    /** Follows the chain through one segment; false if it does not continue there. */
    private boolean followSegment(long number) throws IOException {
        try (BlockReader blocks = new BlockReader(directory, storeId, number)) {
            long position = SegmentLayout.FIRST_BLOCK;
            if (!blocks.isBlock(position) || !chains(blocks)) {
                return false;
            }
            segments.add(new LogStart.SegmentStart(number, blocks.firstLsn()));
            String path = directory.path(SegmentLayout.fileName(number));
            while (blocks.isBlock(position) && chains(blocks)) {
                reader.index(blocks.firstLsn(), number, position);
                blocks.records(fromLsn, Long.MAX_VALUE, consumer, path, position);
                note(blocks, number, position);
                position += blocks.length();
                endPosition = position;
            }
            return true;
        }
    }

    private boolean chains(BlockReader blocks) {
        return !begun
                || blocks.previousChecksum() == endChecksum
                        && blocks.firstLsn() == endLsn + 1
                        && blocks.incarnation() >= endIncarnation;
    }

    private void note(BlockReader blocks, long segment, long position) {
        begun = true;
        endSegment = segment;
        endLsn = blocks.lastLsn();
        endChecksum = blocks.checksum();
        endIncarnation = blocks.incarnation();
        forcedLsn = Math.max(forcedLsn, blocks.forcedLsn());
        unforced.addLast(new Unforced(segment, position, blocks.length(), endLsn));
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
        if (proofs.durableLsn() > endLsn || !begun && fromLsn > 0) {
            throw damaged(proofs.source() + " shows that the log was durable up to LSN " + proofs.durableLsn());
        }
    }

    private void checkBehind(long number, long from) throws IOException {
        try (BlockReader blocks = new BlockReader(directory, storeId, number)) {
            for (long at = blocks.search(from); at >= 0; at = blocks.search(at + 1)) {
                if (blocks.incarnation() >= endIncarnation && blocks.forcedLsn() > endLsn) {
                    throw damaged("the block at " + at + " of " + SegmentLayout.fileName(number)
                            + " says that the log was forced up to LSN " + blocks.forcedLsn());
                }
            }
        }
    }

    private CorruptLogException damaged(String proof) {
        String file = begun ? SegmentLayout.fileName(endSegment) : SegmentLayout.DIRECTORY;
        return new CorruptLogException(
                directory.path(file), endPosition, endLsn + 1, "no valid block stands there, but " + proof);
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

    LogReader reader() {
        return reader;
    }

    List<LogStart.SegmentStart> segments() {
        return segments;
    }

    /** Segments that hold nothing of the log. */
    List<Long> behind() {
        return numbers.stream().filter(number -> !begun || number > endSegment).toList();
    }

    /** Blocks that may not have been forced, oldest first. */
    Iterable<Unforced> unforced() {
        return unforced;
    }
}
