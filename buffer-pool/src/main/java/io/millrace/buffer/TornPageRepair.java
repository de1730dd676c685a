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
 *   <li>list the copies of all unretired batches whose header is whole
 *   <li>per page, take the whole copy with the highest LSN; a copy that is not whole was never forced, so its home page was not touched
 *   <li>write it home if the page there is torn or older
 *   <li>force, also if nothing was written: what an earlier run wrote home may not have been forced, and its copy goes now
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
        copies.sort(Comparator.comparingLong(Copy::pageLsn).reversed());
        Set<Long> settled = new HashSet<>();
        int restored = 0;
        for (Copy copy : copies) {
            if (!settled.contains(copy.pageId()) && isWhole(copy)) {
                settled.add(copy.pageId());
                if (homeNeeds(copy)) {
                    dataFile.write(copy.pageId(), image.clear());
                    restored++;
                }
            }
        }
        dataFile.force();
        return restored;
    }

    private List<Copy> unretiredCopies() {
        List<Copy> copies = new ArrayList<>();
        for (int number = 0; number < DoubleWriteLayout.AREAS; number++) {
            ByteBuffer header = area.readHeader(number);
            if (header != null && header.getLong(DoubleWriteLayout.BATCH_NUMBER) > retiredBatch) {
                for (int index = 0; index < header.getInt(DoubleWriteLayout.COUNT); index++) {
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

    private boolean homeNeeds(Copy copy) {
        dataFile.read(copy.pageId(), home.clear());
        home.clear();
        return PageVerifier.verify(dataFile.path(), copy.pageId(), home, 0, pageSize) != null
                || Long.compareUnsigned(PageLayout.pageLsn(BufferUtil.address(home)), copy.pageLsn()) < 0;
    }
}
