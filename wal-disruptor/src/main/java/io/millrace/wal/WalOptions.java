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
 * @param sync how a batch becomes durable
 * @param threads the door to threads
 */
public record WalOptions(
        int slots,
        int slotSizeBytes,
        long segmentSizeBytes,
        int largestRecordBytes,
        SyncMode sync,
        EngineThreads threads) {
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
        long leastSegment = SegmentLayout.FIRST_BLOCK + 4L * (largestRecordBytes + BlockLayout.HEADER_LENGTH);
        check(
                segmentSizeBytes >= leastSegment && segmentSizeBytes <= Integer.MAX_VALUE,
                "wal.segment-size",
                segmentSizeBytes,
                "from " + leastSegment + " bytes, with this page size, to less than 2GiB");
    }

    /** With the threads of the JVM. */
    public WalOptions(int slots, int slotSizeBytes, long segmentSizeBytes, int largestRecordBytes, SyncMode sync) {
        this(slots, slotSizeBytes, segmentSizeBytes, largestRecordBytes, sync, EngineThreads.SYSTEM);
    }

    private static void check(boolean valid, String key, long value, String allowed) {
        if (!valid) {
            throw new InvalidConfigurationException(key, Long.toString(value), allowed, null);
        }
    }

    private static int powerOfTwo(int atLeast) {
        return Integer.highestOneBit(atLeast - 1) << 1;
    }

    /** Bytes of a segment that admission may count on: the last block may leave less than the largest record unused. */
    long usableBytes() {
        return segmentSizeBytes - SegmentLayout.FIRST_BLOCK - largestRecordBytes - BlockLayout.HEADER_LENGTH;
    }

    int maxBlockBytes() {
        long ring = (long) slots * slotSizeBytes + BlockLayout.HEADER_LENGTH;
        return (int) Math.min(BlockLayout.MAX_LENGTH, ring);
    }
}
