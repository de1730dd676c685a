package io.millrace.perf.mix;

import java.util.concurrent.locks.LockSupport;

/** A clock and a way to wait for a moment of it; the system's, or a made-up one in tests. */
interface Pacer {
    /** Shorter waits are spun away: a parked thread wakes late. */
    long SPIN_NANOS = 80_000;

    Pacer SYSTEM = new Pacer() {
        @Override
        public long nanos() {
            return System.nanoTime();
        }

        @Override
        public void waitFor(long nanos) {
            if (nanos > SPIN_NANOS) {
                LockSupport.parkNanos(nanos - SPIN_NANOS);
            } else {
                Thread.onSpinWait();
            }
        }
    };

    long nanos();

    /** Waits for about so long, rather less. */
    void waitFor(long nanos);
}
