package io.millrace.btree;

import io.millrace.storage.StorageDirectory;

/**
 * Where a load sorts what did not come in order.
 *
 * @param directory of the store
 * @param number tells its files from those of other loads
 * @param memoryBytes memory for sorting, outside the heap for the entries, on the heap for their order
 * @param diskBytes most bytes of its files
 */
public record LoadSpace(StorageDirectory directory, long number, long memoryBytes, long diskBytes) {
    /** What the names of its files begin with. */
    public static final String FILE_PREFIX = "millrace.load-";
}
