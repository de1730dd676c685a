package io.millrace.btree;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Leaves that may have something to be tidied up: a bounded set of page ids, open addressing over a few slots. A hint that finds no slot is
 * lost, which costs room in the tree and nothing else: whoever comes to the page again, to write or to scan, finds out anew. Wait-free, any
 * thread; allocates nothing.
 */
final class PageHints {
    private static final int PROBES = 8;

    private final AtomicLongArray slots;
    private final int mask;
    /** Slots in use, or about to be. */
    private final AtomicInteger pending = new AtomicInteger();

    /** An empty set of {@code capacity} slots, a power of two. */
    PageHints(int capacity) {
        slots = new AtomicLongArray(capacity);
        mask = capacity - 1;
    }

    int capacity() {
        return mask + 1;
    }

    /** Adds a page, if there is room. */
    void add(long pageId) {
        int start = (int) (pageId * 0x9E37_79B9_7F4A_7C15L >>> 40);
        for (int i = 0; i < PROBES; i++) {
            int slot = start + i & mask;
            long there = slots.get(slot);
            if (there == pageId) {
                return;
            }
            if (there == 0 && slots.compareAndSet(slot, 0, pageId)) {
                pending.incrementAndGet();
                return;
            }
        }
    }

    /** Takes the page out of a slot; 0 if there is none. */
    long take(int slot) {
        long page = slots.get(slot) == 0 ? 0 : slots.getAndSet(slot, 0);
        if (page != 0) {
            pending.decrementAndGet();
        }
        return page;
    }

    /** Whether nothing is in the set, but what is being added now. */
    boolean isEmpty() {
        return pending.get() == 0;
    }
}
