package io.millrace.wal;

/**
 * Counts since the log was opened.
 *
 * @param forces forces done
 * @param logBytes bytes written, block headers included
 * @param logRecords records written
 * @param segments segment files
 * @param heldSlots ring slots that are promised, claimed, or not yet durable
 * @param archivedSegments segments copied to the archive
 * @param archiveFailures attempts to do so that failed
 * @param heldUndoBytes log bytes reserved for undoing what running transactions have written
 */
public record WalStats(
        long forces,
        long logBytes,
        long logRecords,
        int segments,
        long heldSlots,
        long archivedSegments,
        long archiveFailures,
        long heldUndoBytes) {}
