package io.millrace.recovery;

import io.millrace.error.CorruptPageException;
import java.util.List;

/**
 * What restart did.
 *
 * @param cleanClose whether the last run closed the store cleanly
 * @param scanStartLsn where reading the log began
 * @param restartLsn where redo began
 * @param endLsn last LSN of the log that was found
 * @param recordsRead records analysis read
 * @param changesRedone page changes redo applied
 * @param losers transactions rolled back
 * @param changesUndone their changes
 * @param pagesRestored torn pages restored from the double-write area
 * @param damagedPages pages that stay damaged; everything else is readable
 * @param nanos how long it took
 */
public record RestartReport(
        boolean cleanClose,
        long scanStartLsn,
        long restartLsn,
        long endLsn,
        long recordsRead,
        long changesRedone,
        int losers,
        long changesUndone,
        int pagesRestored,
        List<CorruptPageException> damagedPages,
        long nanos) {}
