package io.millrace.txn;

import java.util.List;

/** What was read back from the log for an operation; the newest record first. Immutable, on the heap. */
record LogAnswer(LogRequest request, List<LoggedVersion> versions) {
    /** Whether all records up to {@code newestLsn} that may have overwritten a version of the key were looked at. */
    boolean isAbout(long treeId, long key, int keyLength, long newestLsn) {
        return request instanceof LogRequest.OfKey asked
                && asked.newestLsn() >= newestLsn
                && asked.isOf(treeId, key, keyLength);
    }

    /**
     * The overwritten version that {@code view} sees while it does not see who overwrote it; null if there is none.
     *
     * @param stubs LSNs of the records that count: of others, the change may have been undone since they were read
     */
    LoggedVersion seenBy(ReadView view, long[] stubs) {
        for (LoggedVersion version : versions) {
            if (contains(stubs, version.lsn()) && view.sees(version.stamp()) && !view.sees(version.transactionId())) {
                return version;
            }
        }
        return null;
    }

    private static boolean contains(long[] stubs, long lsn) {
        for (long stub : stubs) {
            if (stub == lsn) {
                return true;
            }
        }
        return false;
    }

    /** The record with this LSN, null if it is not among them. */
    LoggedVersion at(long lsn) {
        for (LoggedVersion version : versions) {
            if (version.lsn() == lsn) {
                return version;
            }
        }
        return null;
    }
}
