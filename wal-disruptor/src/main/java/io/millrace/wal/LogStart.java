package io.millrace.wal;

import java.util.List;

/**
 * Where the log goes on.
 *
 * @param storeId whose log
 * @param incarnation of this run
 * @param nextLsn first LSN to be claimed
 * @param segmentNumber segment to begin with
 * @param previousChecksum of the last block before, 0 for none
 * @param segments segments of former runs, oldest first: number and first LSN
 */
public record LogStart(
        long storeId,
        long incarnation,
        long nextLsn,
        long segmentNumber,
        int previousChecksum,
        List<SegmentStart> segments) {
    /** A segment and its first LSN. */
    public record SegmentStart(long number, long firstLsn) {}
}
