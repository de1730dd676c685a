package io.millrace.wal;

import io.millrace.error.InvalidConfigurationException;

/**
 * Sizes of the log.
 *
 * @param slots slots of the ring, a power of two
 * @param slotSizeBytes bytes of a slot, a multiple of 16
 * @param segmentSizeBytes bytes of a segment file
 * @param largestRecordBytes longest record there can be
 * @param sync how a batch becomes durable
 */
public record WalOptions(int slots, int slotSizeBytes, long segmentSizeBytes, int largestRecordBytes, SyncMode sync) {
    private static final int MAX_BLOCK = 1 << 20;

    /** Checks that the largest record fits twice into the ring and four times into a segment (D1). */
    public WalOptions {
        if (Integer.bitCount(slots) != 1) {
            throw new InvalidConfigurationException(
                    "wal.ring-slots", Integer.toString(slots), "a power of two", "wal.ring-slots");
        }
        if ((long) slots * slotSizeBytes < 2L * largestRecordBytes) {
            throw new InvalidConfigurationException(
                    "wal.ring-slots",
                    Integer.toString(slots),
                    "at least " + Integer.highestOneBit(2 * (2 * largestRecordBytes / slotSizeBytes) - 1)
                            + " with this page size and wal.slot-size",
                    "wal.ring-slots");
        }
        if (segmentSizeBytes < SegmentLayout.FIRST_BLOCK + 4L * largestRecordBytes) {
            throw new InvalidConfigurationException(
                    "wal.segment-size",
                    Long.toString(segmentSizeBytes),
                    "at least " + (SegmentLayout.FIRST_BLOCK + 4L * largestRecordBytes) + " bytes with this page size",
                    "wal.segment-size");
        }
    }

    /** Bytes of a segment that admission may count on. */
    long usableBytes() {
        return segmentSizeBytes - SegmentLayout.FIRST_BLOCK - largestRecordBytes - BlockLayout.HEADER_LENGTH;
    }

    int maxBlockBytes() {
        return (int) Math.min(MAX_BLOCK, segmentSizeBytes - SegmentLayout.FIRST_BLOCK);
    }
}
