package io.millrace.wal;

import com.lmax.disruptor.AlertException;
import com.lmax.disruptor.Sequence;
import com.lmax.disruptor.SequenceBarrier;
import com.lmax.disruptor.WaitStrategy;
import io.millrace.common.EngineThreads;
import java.lang.invoke.VarHandle;

/**
 * How one engine thread sleeps and is woken without a monitor in anybody's publish (D13): it sets a flag, fences, looks again and parks; a
 * producer publishes, fences, looks at the flag, and unparks once, after unlatching. Without both fences publication and flag could pass each
 * other (each is a store followed by a load of something else) and the wake-up be lost.
 *
 * <p>The flag has a cache line of its own: every producer reads it, the sleeper alone sets it, whoever clears it unparks. As the ring's wait
 * strategy this does nothing.
 */
final class LogSignal implements WaitStrategy {
    private static final long AWAKE = 0;
    private static final long PARKED = 1;
    private static final long DELAYED = 2;

    private final EngineThreads threads;
    private final Sequence state = new Sequence(AWAKE);
    private volatile Thread sleeper;

    LogSignal(EngineThreads threads) {
        this.threads = threads;
    }

    /** Wakes the sleeper if it sleeps or is about to; one of many callers pays for it. */
    void wake() {
        VarHandle.fullFence();
        if (state.get() == PARKED && state.compareAndSet(PARKED, AWAKE)) {
            threads.unpark(sleeper);
        }
    }

    /** Wakes the sleeper even if it only waits for more of what it has. */
    void hurry() {
        VarHandle.fullFence();
        long seen = state.get();
        // Whoever changed it in between has woken the sleeper, or is the sleeper, who looks for work again before it
        // sleeps.
        if (seen != AWAKE && state.compareAndSet(seen, AWAKE)) {
            threads.unpark(sleeper);
        }
    }

    /** The sleeper announces that it will sleep. It then looks for work once more. */
    void announce() {
        announce(PARKED);
    }

    /** The same, but new work is no reason to wake it: it has some and waits for more. */
    void announceDelay() {
        announce(DELAYED);
    }

    private void announce(long how) {
        sleeper = Thread.currentThread();
        state.setVolatile(how);
        VarHandle.fullFence();
    }

    /** Parks unless woken since {@link #announce}. May return early. */
    void sleep(long nanos) {
        if (state.get() != AWAKE) {
            threads.park(this, nanos);
        }
        awake();
    }

    /** There was work after all. */
    void awake() {
        state.setVolatile(AWAKE);
    }

    @Override
    public long waitFor(long sequence, Sequence cursor, Sequence dependent, SequenceBarrier barrier)
            throws AlertException {
        return dependent.get();
    }

    @Override
    public void signalAllWhenBlocking() {
        // Producers wake the log thread themselves, after unlatching.
    }
}
