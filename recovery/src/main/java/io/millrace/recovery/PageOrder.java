package io.millrace.recovery;

import java.util.Arrays;

/**
 * Puts the changes of a batch into the order of their pages, keeping the order of the log among those of one page: a counting sort by the low bits
 * of the page number. A page is then latched once for all its changes and stays in the core's cache, and pages that have to be loaded are known
 * before they are needed. One thread.
 */
final class PageOrder {
    private static final int BUCKETS = 8192;

    private final int[] next = new int[BUCKETS + 1];
    private int[] ordered = {};

    /** Orders this batch. */
    void sort(RedoBatch batch) {
        Arrays.fill(next, 0);
        int count = batch.count();
        if (count > ordered.length) {
            ordered = new int[Integer.highestOneBit(count) * 2];
        }
        for (int i = 0; i < count; i++) {
            next[bucket(batch.entry(i)) + 1]++;
        }
        for (int bucket = 1; bucket < next.length; bucket++) {
            next[bucket] += next[bucket - 1];
        }
        for (int i = 0; i < count; i++) {
            ordered[next[bucket(batch.entry(i))]++] = i;
        }
    }

    private static int bucket(long entry) {
        return (int) RedoBatch.pageId(entry) & BUCKETS - 1;
    }

    /** Index in the batch of the change at this place in the order. */
    int index(int place) {
        return ordered[place];
    }
}
