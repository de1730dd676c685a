package io.millrace.recovery;

/**
 * What the control file says: where restart begins, and what is known to be durable.
 *
 * @param storeId random, of this store alone
 * @param incarnation raised at each open, never used twice
 * @param pageSize fixed at creation
 * @param restartLsn redo begins here
 * @param scanStartLsn analysis begins here: the restart LSN or the first record of the oldest live transaction
 * @param durableLsn the log was durable up to here: a proof
 * @param highestPageLsn highest page LSN ever written to the data file: a proof
 * @param retiredBatch double-write batches up to this number have reached their home
 * @param dataPages the data file had at least so many pages: a proof
 * @param cleanEndLsn where a clean close ended the log, 0 while the store is open
 */
public record ControlRecord(
        long storeId,
        long incarnation,
        int pageSize,
        long restartLsn,
        long scanStartLsn,
        long durableLsn,
        long highestPageLsn,
        long retiredBatch,
        long dataPages,
        long cleanEndLsn) {

    /** That of a store just created. */
    static ControlRecord created(long storeId, int pageSize, long dataPages) {
        return new ControlRecord(storeId, 0, pageSize, 0, 0, 0, 0, 0, dataPages, 0);
    }

    /** The same for the next incarnation, which is not cleanly closed. */
    ControlRecord nextIncarnation() {
        return new ControlRecord(
                storeId,
                incarnation + 1,
                pageSize,
                restartLsn,
                scanStartLsn,
                Math.max(durableLsn, cleanEndLsn),
                highestPageLsn,
                retiredBatch,
                dataPages,
                0);
    }

    /** The same for a data file that may have no more than {@code pages} pages. */
    ControlRecord withDataPagesAtMost(long pages) {
        return new ControlRecord(
                storeId,
                incarnation,
                pageSize,
                restartLsn,
                scanStartLsn,
                durableLsn,
                highestPageLsn,
                retiredBatch,
                Math.min(dataPages, pages),
                cleanEndLsn);
    }

    /** Highest LSN that is known to have been durable. */
    long provenLsn() {
        return Math.max(Math.max(durableLsn, highestPageLsn), cleanEndLsn);
    }
}
