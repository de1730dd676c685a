package io.millrace.buffer;

import io.millrace.common.EngineThreads;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Lets one engine thread sleep until somebody has work for it. A ring between two waits is kept: publish the work, then {@link #ring}; the
 * thread looks for work, then {@link #await}s. Ringing is wait-free, from any thread, and costs a system call only if the thread sleeps.
 */
final class Doorbell {
    private static final int AWAKE = 0;
    private static final int ASLEEP = 1;
    private static final int RUNG = 2;

    private final EngineThreads threads;
    // Set by all ringers and the owner, read by all; volatile.
    private final AtomicInteger state = new AtomicInteger();
    private volatile Thread owner;

    Doorbell(EngineThreads threads) {
        this.threads = threads;
    }

    /** The thread that will wait. */
    void owner(Thread thread) {
        owner = thread;
    }

    void ring() {
        // RUNG already: the owner has yet to look for work and will see ours.
        if (state.get() != RUNG && state.getAndSet(RUNG) == ASLEEP) {
            threads.unpark(owner);
        }
    }

    /** Sleeps until rung, at most that long; may return early. Owner only. */
    void await(long nanos) {
        if (state.compareAndSet(AWAKE, ASLEEP)) {
            threads.park(this, nanos);
        }
        state.set(AWAKE);
    }
}
