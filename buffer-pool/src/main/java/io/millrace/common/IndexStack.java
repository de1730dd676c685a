package io.millrace.common;

import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A lock-free stack of the numbers from 0 to its capacity, each in it at most once: what is free of a fixed number of places. The head carries a
 * tag that changes with every push and pop, so a head that has come back is not taken for one that never left. Any thread; no allocation, and
 * nobody ever waits for a thread that stands still.
 *
 * <pre>
 *  head:  | tag (32) | top (32), -1 if empty |
 * </pre>
 */
public final class IndexStack {
    /** What an empty stack gives. */
    public static final int NONE = -1;

    private static final long INDEX_MASK = 0xFFFF_FFFFL;
    private static final long TAG_UNIT = 1L << 32;

    private final AtomicIntegerArray below;
    private final AtomicLong head = new AtomicLong(NONE & INDEX_MASK);

    private IndexStack(int capacity) {
        below = new AtomicIntegerArray(capacity);
    }

    /** A stack that can hold the numbers below {@code capacity}, and holds none. */
    public static IndexStack empty(int capacity) {
        return new IndexStack(capacity);
    }

    /** A stack that holds all numbers below {@code capacity}, the smallest on top. */
    public static IndexStack full(int capacity) {
        IndexStack stack = new IndexStack(capacity);
        for (int i = capacity - 1; i >= 0; i--) {
            stack.push(i);
        }
        return stack;
    }

    /** Puts a number on top that is not in the stack. */
    public void push(int index) {
        long old;
        do {
            old = head.get();
            below.setPlain(index, (int) old);
        } while (!head.compareAndSet(old, next(old, index)));
    }

    /** Takes the number pushed last, {@link #NONE} if there is none. */
    public int pop() {
        while (true) {
            long old = head.get();
            int index = (int) old;
            if (index == NONE) {
                return NONE;
            }
            // May be out of date; then the tag is too, and the exchange fails.
            if (head.compareAndSet(old, next(old, below.getPlain(index)))) {
                return index;
            }
        }
    }

    private static long next(long old, int index) {
        return (old & ~INDEX_MASK) + TAG_UNIT | index & INDEX_MASK;
    }
}
