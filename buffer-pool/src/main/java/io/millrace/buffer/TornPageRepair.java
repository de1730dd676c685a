package io.millrace.buffer;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.agrona.BufferUtil;

/**
 * One pass over the double-write area at open:
 *
 * <ol>
 *   <li>list the copies of all unretired batches whose header is whole, and make them durable: from here on a home page may tear
 *   <li>per page, take the whole copy with the highest LSN; a copy that is not whole was never forced, so its home page was not touched
 *   <li>write it home, unless the page there is newer; also over the same page, for an earlier run's force of it may have failed, after which a
 *       force that succeeds proves nothing (L9), and its copy goes now
 *   <li>force
 * </ol>
 */
final class TornPageRepair {
    private record Copy(long pageId, long pageLsn, int checksum, int area, int index) {}

    private final DoubleWriteArea area;
    private final DataFile dataFile;
    private final long retiredBatch;
    private final int pageSize;
    private final ByteBuffer image;
    private final ByteBuffer home;

    TornPageRepair(DoubleWriteArea area, DataFile dataFile, long retiredBatch) {
        this.area = area;
        this.dataFile = dataFile;
        this.retiredBatch = retiredBatch;
        pageSize = area.pageSize();
        image = BufferUtil.allocateDirectAligned(pageSize, pageSize);
        home = BufferUtil.allocateDirectAligned(pageSize, pageSize);
    }

    /** Pages restored. */
    int run() {
        List<Copy> copies = unretiredCopies();
        if (copies.isEmpty()) {
            return 0;
        }
        area.force();
        copies.sort(Comparator.comparingLong(Copy::pageLsn).reversed());
        Set<Long> settled = new HashSet<>();
        int restored = 0;
        for (Copy copy : copies) {
            if (!settled.contains(copy.pageId()) && isWhole(copy)) {
                settled.add(copy.pageId());
                int order = compareHomeTo(copy);
                if (order <= 0) {
                    dataFile.write(copy.pageId(), image.clear());
                }
                if (order < 0) {
                    restored++;
                }
            }
        }
        dataFile.force();
        return restored;
    }

    /** Each area that has any is written over itself. */
    private List<Copy> unretiredCopies() {
        List<Copy> copies = new ArrayList<>();
        for (int number = 0; number < DoubleWriteLayout.AREAS; number++) {
            ByteBuffer header = area.readHeader(number);
            if (header != null && header.getLong(DoubleWriteLayout.BATCH_NUMBER) > retiredBatch) {
                int count = header.getInt(DoubleWriteLayout.COUNT);
                area.rewrite(number, count);
                for (int index = 0; index < count; index++) {
                    int entry = DoubleWriteLayout.entry(index);
                    copies.add(new Copy(
                            header.getLong(entry + DoubleWriteLayout.ENTRY_PAGE_ID),
                            header.getLong(entry + DoubleWriteLayout.ENTRY_PAGE_LSN),
                            header.getInt(entry + DoubleWriteLayout.ENTRY_CHECKSUM),
                            number,
                            index));
                }
            }
        }
        return copies;
    }

    /** Leaves the copy in the image buffer. */
    private boolean isWhole(Copy copy) {
        area.readImage(copy.area(), copy.index(), image);
        long page = BufferUtil.address(image);
        return PageLayout.checksum(page) == copy.checksum()
                && PageLayout.pageLsn(page) == copy.pageLsn()
                && PageLayout.pageId(page) == copy.pageId()
                && PageLayout.computeChecksum(image, 0, pageSize) == copy.checksum();
    }

    /** Negative if the page at home is torn or older than the copy, 0 if it is the same, positive if it is newer. */
    private int compareHomeTo(Copy copy) {
        dataFile.read(copy.pageId(), home.clear());
        home.clear();
        if (PageVerifier.verify(dataFile.path(), copy.pageId(), home, 0, pageSize) != null) {
            return -1;
        }
        return Long.compareUnsigned(PageLayout.pageLsn(BufferUtil.address(home)), copy.pageLsn());
    }
}
