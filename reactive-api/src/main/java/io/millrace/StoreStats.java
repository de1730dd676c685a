package io.millrace;

import java.time.Duration;

/**
 * Figures of a store at one moment, each read by itself. Totals count since the store was opened.
 *
 * @param durableLsn newest forced log position
 * @param commits transactions that became durable, those of single operations included
 * @param rollbacks transactions rolled back
 * @param conflicts conflicts that transactions met
 * @param openTransactions transactions whose end is not durable
 * @param openSnapshots snapshots that keep old versions
 * @param oldestSnapshotAge age of the oldest of them, zero if there is none
 * @param waitingOperations operations begun and not finished
 * @param pageHits pages found in memory
 * @param pageMisses pages that had to be loaded
 * @param evictions pages that gave their frame to another one
 * @param dirtyPages pages in memory that differ from the data file
 * @param cachedPages pages in memory
 * @param forces forces of the log
 * @param logBytes bytes appended to the log
 * @param logRecords records appended to the log
 * @param logSegments files of the log
 * @param checkpointLsn where redo would begin
 * @param versionBytes memory of overwritten versions
 * @param offHeapBytes memory outside the heap, all told
 * @param dataFileBytes size of the data file
 * @param freePages pages of the data file that hold nothing
 */
public record StoreStats(
        long durableLsn,
        long commits,
        long rollbacks,
        long conflicts,
        long openTransactions,
        long openSnapshots,
        Duration oldestSnapshotAge,
        long waitingOperations,
        long pageHits,
        long pageMisses,
        long evictions,
        long dirtyPages,
        long cachedPages,
        long forces,
        long logBytes,
        long logRecords,
        long logSegments,
        long checkpointLsn,
        long versionBytes,
        long offHeapBytes,
        long dataFileBytes,
        long freePages) {}
