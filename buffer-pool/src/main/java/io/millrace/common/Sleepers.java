package io.millrace.common;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BooleanSupplier;

/**
 * Engine threads that wait until something is so. Whoever makes it so calls {@link #wakeAll} behind it; lock-free, and cheap while nobody
 * waits. Both sides write before they read, so no wake-up is lost: the waiter registers and looks once more, the waker writes and looks who
 * is there.
 */
public final class Sleepers {
    private static final int SPINS = 1_000;
    private static final long NAP_NANOS = 20_000;

    private final EngineThreads threads;
    private final Queue<Thread> waiting = new ConcurrentLinkedQueue<>();

    /** Nobody waits yet. */
    public Sleepers(EngineThreads threads) {
        this.threads = threads;
    }

    /** Returns once {@code condition}, which may take what it finds and may throw, has answered true. Engine threads only. */
    public void await(BooleanSupplier condition) {
        if (condition.getAsBoolean()) {
            return;
        }
        Thread self = Thread.currentThread();
        waiting.add(self);
        try {
            while (!condition.getAsBoolean()) {
                threads.park(this);
            }
        } finally {
            waiting.remove(self);
        }
    }

    /** Waits for what another thread does within a few instructions and wakes nobody for: spins a little, then takes short naps. */
    public static void awaitSoon(EngineThreads threads, BooleanSupplier condition) {
        for (int tries = 0; !condition.getAsBoolean(); tries++) {
            if (tries < SPINS) {
                Thread.onSpinWait();
            } else {
                threads.park(condition, NAP_NANOS);
            }
        }
    }

    /** Lets all who wait look again. Any thread. */
    public void wakeAll() {
        for (Thread sleeper : waiting) {
            threads.unpark(sleeper);
        }
    }
}
