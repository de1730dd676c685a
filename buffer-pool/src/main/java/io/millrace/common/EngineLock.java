package io.millrace.common;

import java.util.concurrent.atomic.AtomicBoolean;

/** A lock that may be held across I/O and waits: those who want it sleep behind the engine's own door. Not reentrant, not fair; engine threads only. */
public final class EngineLock {
    private final AtomicBoolean held = new AtomicBoolean();
    private final Sleepers sleepers;

    /** A free lock. */
    public EngineLock(EngineThreads threads) {
        sleepers = new Sleepers(threads);
    }

    /** Takes it, waiting for it. */
    public void lock() {
        sleepers.await(() -> held.compareAndSet(false, true));
    }

    /** Gives it back. */
    public void unlock() {
        held.set(false);
        sleepers.wakeAll();
    }
}
