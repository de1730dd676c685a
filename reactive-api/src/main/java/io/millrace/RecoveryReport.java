package io.millrace;

import io.millrace.error.CorruptPageException;
import java.time.Duration;
import java.util.List;

/**
 * What opening the store had to do.
 *
 * @param created whether the store did not exist before
 * @param cleanClose whether the last run had closed it
 * @param redoFromLsn where repeating history began
 * @param endLsn end of the log that was found
 * @param recordsRead log records read
 * @param changesRedone page changes repeated
 * @param transactionsRolledBack transactions without a commit record
 * @param changesUndone their changes
 * @param tornPagesRestored pages restored from the double-write area
 * @param damagedPages pages that stay damaged; the rest of the store is readable
 * @param duration time it took
 */
public record RecoveryReport(
        boolean created,
        boolean cleanClose,
        long redoFromLsn,
        long endLsn,
        long recordsRead,
        long changesRedone,
        int transactionsRolledBack,
        long changesUndone,
        int tornPagesRestored,
        List<CorruptPageException> damagedPages,
        Duration duration) {
    /** Keeps an own copy of the list. */
    public RecoveryReport {
        damagedPages = List.copyOf(damagedPages);
    }
}
