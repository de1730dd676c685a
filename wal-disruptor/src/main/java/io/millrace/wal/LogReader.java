package io.millrace.wal;

import io.millrace.error.CorruptLogException;
import io.millrace.error.StorageIoException;
import io.millrace.storage.StorageDirectory;
import java.io.IOException;
import java.util.List;
import org.agrona.collections.LongArrayList;

/**
 * Reads the part of the log that recovery has found valid: forward from an LSN, or one record by its LSN through a sparse index. Engine threads
 * only, one at a time.
 */
public final class LogReader {
    private static final long INDEX_DISTANCE = 64 << 10;

    private final StorageDirectory directory;
    private final long storeId;
    private final List<LogStart.SegmentStart> segments;
    private long endLsn;
    private final LongArrayList indexLsn = new LongArrayList();
    private final LongArrayList indexSegment = new LongArrayList();
    private final LongArrayList indexPosition = new LongArrayList();

    LogReader(StorageDirectory directory, long storeId, List<LogStart.SegmentStart> segments, long endLsn) {
        this.directory = directory;
        this.storeId = storeId;
        this.segments = segments;
        this.endLsn = endLsn;
    }

    void endsAt(long lsn) {
        endLsn = lsn;
    }

    /** Every record from {@code fromLsn} to the end, in LSN order. */
    public void scan(long fromLsn, RecordConsumer consumer) throws IOException {
        for (int i = firstSegment(fromLsn); i < segments.size(); i++) {
            scanSegment(segments.get(i).number(), SegmentLayout.FIRST_BLOCK, fromLsn, endLsn, consumer);
        }
    }

    /** The record with this LSN. @throws CorruptLogException if it is not there any more */
    public void read(long lsn, RecordConsumer consumer) {
        boolean[] found = new boolean[1];
        RecordConsumer once = (recordLsn, address, length) -> {
            found[0] = true;
            consumer.record(recordLsn, address, length);
        };
        try {
            int at = indexOf(lsn);
            long segment = at < 0 ? segments.get(firstSegment(lsn)).number() : indexSegment.getLong(at);
            long position = at < 0 ? SegmentLayout.FIRST_BLOCK : indexPosition.getLong(at);
            scanSegment(segment, position, lsn, lsn, once);
        } catch (IOException failure) {
            throw new StorageIoException("read LSN " + lsn + " of the log", failure);
        }
        if (!found[0]) {
            throw new CorruptLogException(directory.path(SegmentLayout.DIRECTORY), 0, lsn, "a record is missing");
        }
    }

    private int firstSegment(long lsn) {
        int index = 0;
        while (index + 1 < segments.size() && segments.get(index + 1).firstLsn() <= lsn) {
            index++;
        }
        return index;
    }

    private int indexOf(long lsn) {
        int low = 0;
        int high = indexLsn.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            if (indexLsn.getLong(middle) <= lsn) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return high;
    }

    /** Notes where a block begins; blocks come in order. */
    void index(long firstLsn, long segment, long position) {
        int last = indexLsn.size() - 1;
        if (last < 0
                || indexSegment.getLong(last) != segment
                || position - indexPosition.getLong(last) >= INDEX_DISTANCE) {
            indexLsn.addLong(firstLsn);
            indexSegment.addLong(segment);
            indexPosition.addLong(position);
        }
    }

    private void scanSegment(long segment, long position, long fromLsn, long toLsn, RecordConsumer consumer)
            throws IOException {
        try (BlockReader reader = new BlockReader(directory, storeId, segment)) {
            String path = directory.path(SegmentLayout.fileName(segment));
            long at = position;
            while (reader.isBlock(at) && reader.lastLsn() <= endLsn && reader.firstLsn() <= toLsn) {
                int length = reader.length();
                if (reader.lastLsn() >= fromLsn) {
                    reader.records(fromLsn, toLsn, consumer, path, at);
                }
                at += length;
            }
        }
    }
}
