package io.millrace;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Lets operations in until the store closes, and tells when the last one has left. Lock-free; the counters are striped by thread.
 *
 * <p>An operation may enter on one thread and leave on another, so single stripes may be negative; their sum is never too small: an entry
 * counts before it looks whether the gate is closed, and whoever was let in had counted before it was.
 */
final class OperationGate {
    private static final int STRIPES = 16;
    private static final int SPACING = 16;

    private final AtomicLongArray counters = new AtomicLongArray((STRIPES + 2) * SPACING);
    private final AtomicBoolean told = new AtomicBoolean();
    private volatile boolean closed;
    private volatile Runnable whenEmpty;

    /** Lets an operation in; it must {@link #leave}. False if the gate is closed. */
    boolean enter() {
        int stripe = stripe();
        counters.incrementAndGet(stripe);
        if (!closed) {
            return true;
        }
        counters.decrementAndGet(stripe);
        tellIfEmpty();
        return false;
    }

    /** An operation is over. */
    void leave() {
        counters.decrementAndGet(stripe());
        if (closed) {
            tellIfEmpty();
        }
    }

    /** Lets nobody in any more. */
    void close() {
        closed = true;
    }

    boolean isClosed() {
        return closed;
    }

    /** Runs {@code action}, once, when the closed gate has nobody behind it; on the thread of the last to leave. */
    void whenEmpty(Runnable action) {
        whenEmpty = action;
        tellIfEmpty();
    }

    private void tellIfEmpty() {
        Runnable action = whenEmpty;
        if (action != null && inside() == 0 && told.compareAndSet(false, true)) {
            action.run();
        }
    }

    /** Operations inside. */
    long inside() {
        long sum = 0;
        for (int i = 1; i <= STRIPES; i++) {
            sum += counters.get(i * SPACING);
        }
        return sum;
    }

    private static int stripe() {
        return ((int) Thread.currentThread().getId() & STRIPES - 1) * SPACING + SPACING;
    }
}
