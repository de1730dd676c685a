package io.millrace.wal;

import com.lmax.disruptor.Sequence;
import com.lmax.disruptor.SequenceBarrier;
import com.lmax.disruptor.WaitStrategy;
import java.util.concurrent.locks.LockSupport;

/**
 * How the log thread sleeps and is woken without a monitor in anybody's publish (D13): it sets a flag, fences, looks again and parks; a producer
 * looks at the flag after publishing, and unparks once, after unlatching. As the ring's wait strategy it does nothing.
 */
final class LogSignal implements WaitStrategy {
    private volatile boolean parked;
    private volatile Thread sleeper;

    /** Wakes the log thread if it sleeps. */
    void wake() {
        if (parked) {
            parked = false;
            LockSupport.unpark(sleeper);
        }
    }

    /** To be called by the log thread: announces that it will sleep. It then looks for work once more. */
    void announce() {
        sleeper = Thread.currentThread();
        parked = true;
    }

    void sleep(long nanos) {
        LockSupport.parkNanos(this, nanos);
        parked = false;
    }

    void awake() {
        parked = false;
    }

    @Override
    public long waitFor(long sequence, Sequence cursor, Sequence dependent, SequenceBarrier barrier) {
        return dependent.get();
    }

    @Override
    public void signalAllWhenBlocking() {
        // Producers wake the log thread themselves, after unlatching.
    }
}
