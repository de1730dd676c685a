package io.millrace.wal;

import io.millrace.storage.OpenMode;
import io.millrace.storage.StorageDirectory;
import io.millrace.storage.StorageFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.agrona.collections.Long2LongHashMap;

/**
 * The segments in the archive of one store. A look-up reads the headers of some of them, by halving; what it has read it remembers. Files that
 * are not segments of this store do not count. Engine threads only, one at a time.
 */
final class ArchivedSegments {
    private static final long UNKNOWN = -1;
    /** What a foreign or damaged segment is taken for: one that begins behind everything. */
    private static final long FOREIGN = Long.MAX_VALUE;

    private final StorageDirectory archive;
    private final long storeId;
    private final Long2LongHashMap firstLsns = new Long2LongHashMap(UNKNOWN);
    private long[] numbers = {};

    ArchivedSegments(StorageDirectory archive, long storeId) {
        this.archive = archive;
        this.storeId = storeId;
    }

    /** Number of the newest segment that begins at or before {@code lsn}, {@link LogSegments#NONE} if there is none. */
    long segmentOf(long lsn) throws IOException {
        long known = find(lsn);
        if (known == LogSegments.NONE || known == numbers[numbers.length - 1]) {
            refresh();
            known = find(lsn);
        }
        return known;
    }

    private void refresh() throws IOException {
        numbers = archive.list("").stream()
                .mapToLong(name -> SegmentLayout.numberOf(SegmentLayout.DIRECTORY + "/" + name))
                .filter(number -> number > 0 && firstLsns.get(number) != FOREIGN)
                .sorted()
                .toArray();
    }

    private long find(long lsn) throws IOException {
        int low = 0;
        int high = numbers.length;
        while (low < high) {
            int middle = low + high >>> 1;
            if (firstLsn(numbers[middle]) <= lsn) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low == 0 ? LogSegments.NONE : numbers[low - 1];
    }

    long firstLsn(long number) throws IOException {
        long known = firstLsns.get(number);
        if (known == UNKNOWN) {
            known = readFirstLsn(number);
            firstLsns.put(number, known);
        }
        return known;
    }

    private long readFirstLsn(long number) throws IOException {
        ByteBuffer header = ByteBuffer.allocateDirect(SegmentLayout.LENGTH).order(ByteOrder.LITTLE_ENDIAN);
        try (StorageFile file = open(number)) {
            boolean own = file.read(0, header) == SegmentLayout.LENGTH
                    && SegmentLayout.isHeader(header)
                    && header.getLong(SegmentLayout.STORE_ID) == storeId
                    && header.getLong(SegmentLayout.NUMBER) == number;
            return own ? header.getLong(SegmentLayout.FIRST_LSN) : FOREIGN;
        }
    }

    StorageFile open(long number) throws IOException {
        String name = SegmentLayout.fileName(number);
        return archive.open(name.substring(SegmentLayout.DIRECTORY.length() + 1), OpenMode.READ);
    }
}
