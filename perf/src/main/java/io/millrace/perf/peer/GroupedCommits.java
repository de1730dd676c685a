package io.millrace.perf.peer;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One commit for all changes that were made before it begins: for stores that commit whatever is there. A caller makes its change, then waits for
 * a commit that began afterwards, its own or another caller's.
 */
final class GroupedCommits {
    private final AtomicLong made = new AtomicLong();
    private final ReentrantLock lock = new ReentrantLock();
    private final Runnable commit;
    // Guarded by the lock.
    private long committed;

    GroupedCommits(Runnable commit) {
        this.commit = commit;
    }

    /** The caller's change is made; returns when it is committed. */
    void await() {
        long own = made.incrementAndGet();
        lock.lock();
        try {
            if (committed < own) {
                long all = made.get();
                commit.run();
                committed = all;
            }
        } finally {
            lock.unlock();
        }
    }

    /** Makes a change that nobody else's commit may cut in half. */
    void alone(Runnable change) {
        lock.lock();
        try {
            change.run();
        } finally {
            lock.unlock();
        }
    }
}
