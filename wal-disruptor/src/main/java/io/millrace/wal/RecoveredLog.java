package io.millrace.wal;

import io.millrace.storage.StorageDirectory;
import java.io.IOException;

/** The log as recovery found it: where it ends, and a reader over what is valid. */
public final class RecoveredLog implements AutoCloseable {
    private final StorageDirectory directory;
    private final long storeId;
    private final LogScan scan;
    private final LogReader reader;

    RecoveredLog(StorageDirectory directory, long storeId, LogScan scan) {
        this.directory = directory;
        this.storeId = storeId;
        this.scan = scan;
        long end = scan.endLsn();
        reader = new LogReader(new LogSegments(directory, scan.index()), storeId, () -> end);
    }

    /** Last LSN. */
    public long endLsn() {
        return scan.endLsn();
    }

    /** In which file and at which byte it ends, and what stands there, in words. */
    public String describeEnd() throws IOException {
        return scan.describeEnd();
    }

    /** A reader over all of it; always the same one. */
    public LogReader reader() {
        return reader;
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

    /** Closes the reader's file. */
    @Override
    public void close() throws IOException {
        reader.close();
    }
}
