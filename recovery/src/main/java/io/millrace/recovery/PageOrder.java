package io.millrace.recovery;

import java.util.Arrays;

/**
 * Puts the changes of a batch into the order of their pages, keeping the order of the log among those of one page: a counting sort by the low bits
 * of the page number. A page is then latched once for all its changes and stays in the core's cache, and pages that have to be loaded are known
 * before they are needed. One thread.
 */
final class PageOrder {
    private static final int BUCKETS = 1024;

    private final int[] next = new int[BUCKETS + 1];
    private final long[] entries;
    private final long[] ordered;

    /** For batches of at most so many changes. */
    PageOrder(int maxChanges) {
        entries = new long[maxChanges];
        ordered = new long[maxChanges];
    }

    /** Orders this batch. */
    void sort(RedoBatch batch) {
        Arrays.fill(next, 0);
        int count = batch.count();
        long entry = batch.first();
        for (int i = 0; i < count; i++, entry = RedoBatch.next(entry)) {
            entries[i] = entry;
            next[bucket(entry) + 1]++;
        }
        for (int bucket = 1; bucket < next.length; bucket++) {
            next[bucket] += next[bucket - 1];
        }
        for (int i = 0; i < count; i++) {
            ordered[next[bucket(entries[i])]++] = entries[i];
        }
    }

    private static int bucket(long entry) {
        return (int) RedoBatch.pageId(entry) & BUCKETS - 1;
    }

    /** Address of the entry at this place in the order. */
    long entry(int place) {
        return ordered[place];
    }
}
