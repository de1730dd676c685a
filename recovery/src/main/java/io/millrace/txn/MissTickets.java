package io.millrace.txn;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Bounds the operations that miss pages at one time (D9), so that each finds the pages of its descent still there when it runs again. FIFO;
 * an operation keeps its ticket to its end. Lock-free.
 */
public final class MissTickets {
    private final AtomicInteger free;
    private final Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();

    /** {@code count} tickets. */
    public MissTickets(int count) {
        free = new AtomicInteger(count);
    }

    /** Takes a ticket and answers true, or keeps {@code later} to be run with one. */
    boolean take(Runnable later) {
        if (tryTake()) {
            return true;
        }
        waiting.add(later);
        serve();
        return false;
    }

    void giveBack() {
        free.incrementAndGet();
        serve();
    }

    /** Operations waiting for a ticket. */
    public int waiting() {
        return waiting.size();
    }

    private void serve() {
        while (!waiting.isEmpty() && tryTake()) {
            Runnable next = waiting.poll();
            if (next == null) {
                free.incrementAndGet();
            } else {
                next.run();
            }
        }
    }

    private boolean tryTake() {
        int current;
        do {
            current = free.get();
            if (current <= 0) {
                return false;
            }
        } while (!free.compareAndSet(current, current - 1));
        return true;
    }
}
