package io.millrace.btree;

import java.util.List;
import java.util.SortedMap;

/**
 * What {@link StoreCheck} found.
 *
 * @param dataFile the file of the pages, for messages
 * @param pageSize in bytes
 * @param pages pages of the data file
 * @param freePages pages that are not in use
 * @param cleanlyClosed whether the pages are all there is; if not, findings may be what a restart puts right
 * @param maps what was found of each map, by name
 * @param findings what is wrong; empty for a sound store
 */
public record StoreReport(
        String dataFile,
        int pageSize,
        long pages,
        long freePages,
        boolean cleanlyClosed,
        SortedMap<String, TreeReport> maps,
        List<Finding> findings) {
    /** Whether nothing is wrong. */
    public boolean sound() {
        return findings.isEmpty();
    }
}
