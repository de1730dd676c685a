package io.millrace;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Lets one serializable transaction at a time validate and commit, first come, first served, so that their commit records follow each other in
 * the order in which they were validated: a snapshot at any durable LSN then holds a prefix of that order. Lock-free; a wait is a continuation.
 */
final class CommitSection {
    private final Executor workers;
    private final Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicInteger present = new AtomicInteger();

    CommitSection(Executor workers) {
        this.workers = workers;
    }

    /** Runs {@code whenInside} when nobody else is inside: at once, on this thread, or on a worker. It must {@link #leave}. */
    void enter(Runnable whenInside) {
        waiting.add(whenInside);
        if (present.getAndIncrement() == 0) {
            waiting.remove().run();
        }
    }

    /** Lets the next one in. */
    void leave() {
        if (present.decrementAndGet() != 0) {
            workers.execute(waiting.remove());
        }
    }
}
