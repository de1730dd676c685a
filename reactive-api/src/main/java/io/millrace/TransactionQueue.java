package io.millrace;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Runs the operations of one transaction one after another, in the order they were submitted. Lock-free: whoever finds the queue idle runs it,
 * others leave their work there.
 *
 * <p>What follows an operation (signals to the user) runs on the thread the operation ended on, and never while that thread is still running
 * the queue: so user code can do as it likes there, even wait for another operation of the same transaction.
 */
final class TransactionQueue {
    /** One operation. */
    interface Item {
        /** Runs it; it calls {@link TransactionQueue#ended} once, now or later. */
        void begin();
    }

    private final Queue<Item> items = new ConcurrentLinkedQueue<>();
    private final AtomicInteger work = new AtomicInteger();

    /** Whether an item has begun and not ended; written by the runner before it begins one, and by whoever ends it. */
    private volatile boolean busy;

    /** The thread that runs the queue now; written by that thread only. */
    private volatile Thread runner;

    /** What the running thread has to do afterwards, null for nothing; touched by that thread only. */
    private ArrayDeque<Runnable> sequels;

    /** Runs {@code item} behind those submitted before. */
    void submit(Item item) {
        items.add(item);
        run();
    }

    /** The item that was running is over; {@code sequel} is what follows, outside the queue. */
    void ended(Runnable sequel) {
        if (runner == Thread.currentThread()) {
            if (sequels == null) {
                sequels = new ArrayDeque<>(2);
            }
            sequels.add(sequel);
            busy = false;
            work.incrementAndGet();
        } else {
            busy = false;
            run();
            sequel.run();
        }
    }

    private void run() {
        if (work.getAndIncrement() != 0) {
            return;
        }
        ArrayDeque<Runnable> own = null;
        int seen = 1;
        do {
            sequels = own;
            runner = Thread.currentThread();
            beginNext();
            runner = null;
            own = sequels;
            seen = work.addAndGet(-seen);
        } while (seen != 0);
        if (own == null) {
            return;
        }
        for (Runnable sequel = own.poll(); sequel != null; sequel = own.poll()) {
            sequel.run();
        }
    }

    private void beginNext() {
        while (!busy) {
            Item next = items.poll();
            if (next == null) {
                return;
            }
            busy = true;
            next.begin();
        }
    }
}
