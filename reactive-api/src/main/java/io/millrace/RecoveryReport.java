package io.millrace;

import io.millrace.error.CorruptPageException;
import java.time.Duration;
import java.util.List;

/**
 * What opening the store had to do. The passes are those of {@code docs/recovery.md}.
 *
 * @param created whether the store did not exist before
 * @param cleanClose whether the last run had closed it
 * @param readFromLsn where reading the log began
 * @param redoFromLsn where repeating history began
 * @param endLsn end of the log that was found
 * @param recordsRead log records read
 * @param bytesRead their bytes
 * @param bytesRedone bytes of those from {@code redoFromLsn} on
 * @param changesRedone page changes repeated; the pages on disk had the others already
 * @param transactionsRolledBack transactions without a commit record
 * @param changesUndone their changes
 * @param tornPagesRestored pages restored from the double-write area
 * @param damagedPages pages that stay damaged; the rest of the store is readable
 * @param analysis time the first pass took, which finds the end of the log and the transactions to be rolled back
 * @param repair time for making the end of the log durable and restoring torn pages
 * @param redo time the second pass took, which repeats history
 * @param undo time the third pass took, which rolls back
 * @param duration time of all of it, memory and threads of the store included
 */
public record RecoveryReport(
        boolean created,
        boolean cleanClose,
        long readFromLsn,
        long redoFromLsn,
        long endLsn,
        long recordsRead,
        long bytesRead,
        long bytesRedone,
        long changesRedone,
        int transactionsRolledBack,
        long changesUndone,
        int tornPagesRestored,
        List<CorruptPageException> damagedPages,
        Duration analysis,
        Duration repair,
        Duration redo,
        Duration undo,
        Duration duration) {
    /** Keeps an own copy of the list. */
    public RecoveryReport {
        damagedPages = List.copyOf(damagedPages);
    }
}
