package io.millrace.wal;

import io.millrace.common.EngineThreads;
import io.millrace.error.InvalidConfigurationException;

/**
 * Sizes of the log.
 *
 * @param slots slots of the ring, a power of two
 * @param slotSizeBytes bytes of a slot, a multiple of 16
 * @param segmentSizeBytes bytes of a segment file
 * @param largestRecordBytes longest record there can be
 * @param sync when a batch is written and becomes durable
 * @param keeping how much of it is kept
 * @param threads the door to threads
 */
public record WalOptions(
        int slots,
        int slotSizeBytes,
        long segmentSizeBytes,
        int largestRecordBytes,
        LogSync sync,
        LogKeeping keeping,
        EngineThreads threads) {
    private static final int LEAST_SEGMENTS = 5;
    private static final int LARGEST_RECORD = BlockLayout.MAX_LENGTH - BlockLayout.HEADER_LENGTH;
    private static final int LARGEST_SLOT = 1 << 16;

    /** Checks that the largest record fits twice into the ring and four times into a segment (D1). */
    public WalOptions {
        if (largestRecordBytes < RecordLayout.HEADER_LENGTH || largestRecordBytes > LARGEST_RECORD) {
            throw new IllegalArgumentException("a record has at most " + LARGEST_RECORD + " bytes");
        }
        check(
                slotSizeBytes >= BlockLayout.SLOT_UNIT
                        && slotSizeBytes <= LARGEST_SLOT
                        && slotSizeBytes % BlockLayout.SLOT_UNIT == 0,
                "wal.slot-size",
                slotSizeBytes,
                "a multiple of 16 bytes, at most 64KiB");
        check(slots > 0 && Integer.bitCount(slots) == 1, "wal.ring-slots", slots, "a power of two");
        check(
                (long) slots * slotSizeBytes <= Integer.MAX_VALUE,
                "wal.ring-slots",
                slots,
                "less than 2GiB together, with this wal.slot-size");
        check(
                slots >= 2 * RecordLayout.slots(largestRecordBytes, slotSizeBytes),
                "wal.ring-slots",
                slots,
                "at least " + powerOfTwo(2 * RecordLayout.slots(largestRecordBytes, slotSizeBytes))
                        + " with this page size and wal.slot-size");
        long leastSegment = SegmentLayout.FIRST_BLOCK + 4L * charge(sync.mode(), largestRecordBytes);
        check(
                segmentSizeBytes >= leastSegment && segmentSizeBytes <= Integer.MAX_VALUE,
                "wal.segment-size",
                segmentSizeBytes,
                "from " + leastSegment + " bytes, with this page size, to less than 2GiB");
        check(
                keeping.maxBytes() == 0 || keeping.maxBytes() >= LEAST_SEGMENTS * segmentSizeBytes,
                "wal.max-size",
                keeping.maxBytes(),
                "0, or at least " + LEAST_SEGMENTS + " times wal.segment-size");
    }

    /** Everything else as it is there. */
    public WalOptions keeping(LogKeeping other) {
        return new WalOptions(slots, slotSizeBytes, segmentSizeBytes, largestRecordBytes, sync, other, threads);
    }

    /** With the threads of the JVM, without interval and delay. */
    public WalOptions(int slots, int slotSizeBytes, long segmentSizeBytes, int largestRecordBytes, SyncMode mode) {
        this(
                slots,
                slotSizeBytes,
                segmentSizeBytes,
                largestRecordBytes,
                LogSync.of(mode),
                LogKeeping.NEEDED,
                EngineThreads.SYSTEM);
    }

    private static void check(boolean valid, String key, long value, String allowed) {
        if (!valid) {
            throw new InvalidConfigurationException(key, Long.toString(value), allowed, null);
        }
    }

    private static int powerOfTwo(int atLeast) {
        return Integer.highestOneBit(atLeast - 1) << 1;
    }

    SyncMode mode() {
        return sync.mode();
    }

    /** Bytes of the log that a record takes at most: as if it were alone in its block. */
    long charge(int recordLength) {
        return charge(sync.mode(), recordLength);
    }

    private static long charge(SyncMode mode, int recordLength) {
        return mode.space((long) recordLength + BlockLayout.HEADER_LENGTH);
    }

    /** Bytes of a segment that admission may count on: the last block may leave less than the largest record unused. */
    long usableBytes() {
        return mode().usable(segmentSizeBytes) - SegmentLayout.FIRST_BLOCK - charge(largestRecordBytes);
    }

    int maxBlockBytes() {
        long ring = (long) slots * slotSizeBytes + BlockLayout.HEADER_LENGTH;
        return (int) Math.min(BlockLayout.MAX_LENGTH, mode().space(ring));
    }
}
