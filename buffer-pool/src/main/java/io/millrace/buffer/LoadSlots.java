package io.millrace.buffer;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Bounds the pages that are loaded and pinned for waiters at one time, so that loads never pin the whole pool. FIFO among the loaders, each of
 * which asks for one slot at a time. Lock-free: a slot comes back on the thread of whoever takes the last pin away.
 */
final class LoadSlots {
    private final AtomicInteger free;
    private final Queue<PageLoader> asking = new ConcurrentLinkedQueue<>();

    LoadSlots(int count) {
        free = new AtomicInteger(count);
    }

    /** {@link PageLoader#slotGranted} is called, now or later. */
    void request(PageLoader loader) {
        asking.add(loader);
        serve();
    }

    void release() {
        free.incrementAndGet();
        serve();
    }

    private void serve() {
        while (!asking.isEmpty() && tryTake()) {
            PageLoader next = asking.poll();
            if (next == null) {
                free.incrementAndGet();
            } else {
                next.slotGranted();
            }
        }
    }

    private boolean tryTake() {
        int now = free.get();
        while (now > 0) {
            if (free.compareAndSet(now, now - 1)) {
                return true;
            }
            now = free.get();
        }
        return false;
    }
}
