package io.millrace.wal;

import io.millrace.storage.OpenMode;
import io.millrace.storage.StorageDirectory;
import io.millrace.storage.StorageFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Opens the log after any end: first reads, changing nothing; then makes its tail trustworthy. Engine threads only. */
public final class LogRecovery {
    private LogRecovery() {}

    /**
     * Reads the log from {@code fromLsn} to its end.
     *
     * @param fromLsn a LSN known to have been durable, or 0 for a log that may still be empty
     * @param consumer takes every record on the way
     * @throws io.millrace.error.CorruptLogException if something that was durable is missing; nothing has been changed
     * @throws io.millrace.error.IncompatibleFormatException if a segment was written by a version this one does not know
     */
    public static RecoveredLog findEnd(
            StorageDirectory directory, long storeId, long fromLsn, LogProofs proofs, RecordConsumer consumer)
            throws IOException {
        try (LogScan scan = new LogScan(directory, storeId, fromLsn, consumer)) {
            scan.run(proofs);
            return new RecoveredLog(directory, storeId, scan);
        }
    }

    /**
     * What may not have been forced is rewritten in place with identical bytes and forced, segments behind the end are removed, the directory is
     * forced (L9); the log goes on in a fresh segment. The raised incarnation must be durable in the control file before.
     */
    public static LogStart seal(RecoveredLog log, long incarnation) throws IOException {
        LogScan scan = log.scan();
        try (BlockReader blocks = new BlockReader(log.directory(), log.storeId(), BlockReader.NEAR)) {
            for (LogScan.Unforced block : scan.unforced()) {
                rewrite(log, blocks, block);
            }
        }
        for (long number : scan.behind()) {
            log.directory().delete(SegmentLayout.fileName(number));
        }
        log.directory().force(SegmentLayout.DIRECTORY);
        List<LogStart.SegmentStart> former = new ArrayList<>();
        for (LogIndex.Entry entry : scan.index().segments()) {
            former.add(new LogStart.SegmentStart(entry.number(), entry.firstLsn()));
        }
        return new LogStart(
                log.storeId(), incarnation, log.endLsn() + 1, scan.nextSegment(), scan.endChecksum(), former);
    }

    private static void rewrite(RecoveredLog log, BlockReader blocks, LogScan.Unforced block) throws IOException {
        String name = SegmentLayout.fileName(block.segment());
        blocks.open(block.segment());
        if (!blocks.isBlock(block.position())) {
            throw new IOException(
                    "the block at " + block.position() + " of " + name + " has changed since it was read");
        }
        try (StorageFile file = log.directory().open(name, OpenMode.READ_WRITE)) {
            if (block.position() == SegmentLayout.FIRST_BLOCK) {
                // The header was under the same force; if it is torn, everything in it stands in the block as well.
                file.write(
                        0,
                        SegmentLayout.header(
                                log.storeId(),
                                block.segment(),
                                blocks.incarnation(),
                                blocks.firstLsn(),
                                blocks.previousChecksum()));
            }
            file.write(block.position(), blocks.copy());
            file.force(false);
        }
    }
}
