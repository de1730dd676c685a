package io.millrace.common;

import java.security.SecureRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** The JVM's own threads and clock. */
final class SystemThreads implements EngineThreads {
    /** SplitMix64 (Steele, Lea and Flood 2014) from a secure seed; on first use, since drawing that may block. */
    private static final class Numbers {
        private static final long GAMMA = 0x9E37_79B9_7F4A_7C15L;
        private static final AtomicLong STATE = new AtomicLong(new SecureRandom().nextLong());

        static long next() {
            long z = STATE.addAndGet(GAMMA);
            z = (z ^ z >>> 30) * 0xBF58_476D_1CE4_E5B9L;
            z = (z ^ z >>> 27) * 0x94D0_49BB_1331_11EBL;
            return z ^ z >>> 31;
        }
    }

    @Override
    public Thread start(String role, Runnable body) {
        Thread thread = new Thread(body, "millrace-" + role);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    @Override
    public void join(Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive() && thread != Thread.currentThread()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void park(Object blocker) {
        park(blocker, Long.MAX_VALUE);
    }

    @Override
    public void park(Object blocker, long nanos) {
        // A park returns at once while the interrupt is pending: it is put aside, so that no wait becomes a spin.
        boolean interrupted = Thread.interrupted();
        LockSupport.parkNanos(blocker, nanos);
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void unpark(Thread thread) {
        LockSupport.unpark(thread);
    }

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }

    @Override
    public long random() {
        return Numbers.next();
    }
}
