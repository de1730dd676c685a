package io.millrace.wal;

import io.millrace.storage.OpenMode;
import io.millrace.storage.StorageDirectory;
import io.millrace.storage.StorageFile;
import java.io.IOException;
import java.util.List;

/** Opens the log after any end: first reads, changing nothing; then makes its tail trustworthy. Engine threads only. */
public final class LogRecovery {
    private LogRecovery() {}

    /**
     * Reads the log from {@code fromLsn} to its end.
     *
     * @param consumer takes every record on the way
     * @throws io.millrace.error.CorruptLogException if something that was durable is missing; nothing has been changed
     */
    public static RecoveredLog findEnd(
            StorageDirectory directory, long storeId, long fromLsn, LogProofs proofs, RecordConsumer consumer)
            throws IOException {
        LogScan scan = new LogScan(directory, storeId, fromLsn, consumer);
        scan.run(proofs);
        return new RecoveredLog(directory, storeId, scan);
    }

    /**
     * What may not have been forced is rewritten in place with identical bytes and forced, segments behind the end are removed, the directory is
     * forced (L9); the log goes on in a fresh segment. The raised incarnation must be durable in the control file before.
     */
    public static LogStart seal(RecoveredLog log, long incarnation) throws IOException {
        LogScan scan = log.scan();
        for (LogScan.Unforced block : scan.unforced()) {
            rewrite(log, block);
        }
        for (long number : scan.behind()) {
            log.directory().delete(SegmentLayout.fileName(number));
        }
        log.directory().force(SegmentLayout.DIRECTORY);
        return new LogStart(
                log.storeId(),
                incarnation,
                log.endLsn() + 1,
                scan.nextSegment(),
                scan.endChecksum(),
                List.copyOf(scan.segments()));
    }

    private static void rewrite(RecoveredLog log, LogScan.Unforced block) throws IOException {
        String name = SegmentLayout.fileName(block.segment());
        try (StorageFile file = log.directory().open(name, OpenMode.READ_WRITE);
                BlockReader blocks = new BlockReader(log.directory(), log.storeId(), block.segment())) {
            file.write(0, blocks.bytes(0, SegmentLayout.LENGTH));
            file.write(block.position(), blocks.bytes(block.position(), block.length()));
            file.force(false);
        }
    }
}
