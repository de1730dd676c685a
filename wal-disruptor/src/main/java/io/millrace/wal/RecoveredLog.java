package io.millrace.wal;

import io.millrace.storage.StorageDirectory;

/** The log as recovery found it: where it ends, and a reader over what is valid. */
public final class RecoveredLog {
    private final StorageDirectory directory;
    private final long storeId;
    private final LogScan scan;

    RecoveredLog(StorageDirectory directory, long storeId, LogScan scan) {
        this.directory = directory;
        this.storeId = storeId;
        this.scan = scan;
    }

    /** Last LSN. */
    public long endLsn() {
        return scan.endLsn();
    }

    /** A reader over all of it. */
    public LogReader reader() {
        return scan.reader();
    }

    StorageDirectory directory() {
        return directory;
    }

    long storeId() {
        return storeId;
    }

    LogScan scan() {
        return scan;
    }
}
