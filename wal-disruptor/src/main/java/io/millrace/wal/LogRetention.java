package io.millrace.wal;

import io.millrace.common.EngineThreads;
import io.millrace.error.LogPositionGoneException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Decides which segments may go: those that restart does not need, nobody holds, and that are older than what is kept in any case. Any thread;
 * the lock is held for a few comparisons.
 */
final class LogRetention {
    private final LogIndex index;
    private final long segmentSize;
    private final int keptSegments;
    private final EngineThreads threads;
    private final ReentrantLock lock = new ReentrantLock();
    private final List<LogHold> holds = new ArrayList<>();
    private SegmentPool pool;
    private long neededLsn;

    /** Keeps at least {@code keptBytes} of what is written, needed or not. */
    LogRetention(LogIndex index, long segmentSize, long keptBytes, EngineThreads threads) {
        this.index = index;
        this.segmentSize = segmentSize;
        keptSegments = (int) Math.min(Integer.MAX_VALUE, (keptBytes + segmentSize - 1) / segmentSize);
        this.threads = threads;
    }

    void discardsTo(SegmentPool target) {
        pool = target;
    }

    /** Restart needs nothing below {@code lsn} any more. */
    void neededFrom(long lsn) {
        lock.lock();
        try {
            neededLsn = Math.max(neededLsn, lsn);
            discard();
        } finally {
            lock.unlock();
        }
        pool.wake();
    }

    /**
     * Holds the log from {@code lsn} on.
     *
     * @param limitBytes most it may hold back, 0 for no limit
     * @throws LogPositionGoneException if that is gone already
     */
    LogHold hold(String name, long lsn, long limitBytes) {
        lock.lock();
        try {
            long oldest = index.oldestLsn();
            if (oldest > lsn) {
                throw new LogPositionGoneException(lsn, oldest);
            }
            return add(name, lsn, limitBytes);
        } finally {
            lock.unlock();
        }
    }

    /** The same from the oldest LSN on that there is. */
    LogHold holdAll(String name, long limitBytes) {
        lock.lock();
        try {
            return add(name, Math.max(1, index.oldestLsn()), limitBytes);
        } finally {
            lock.unlock();
        }
    }

    private LogHold add(String name, long lsn, long limitBytes) {
        LogHold hold = new LogHold(this, name, lsn, limitBytes, threads.nanoTime());
        holds.add(hold);
        return hold;
    }

    long lsn(LogHold hold) {
        lock.lock();
        try {
            return hold.heldLsn();
        } finally {
            lock.unlock();
        }
    }

    void advance(LogHold hold, long lsn) {
        lock.lock();
        try {
            hold.lsn(lsn);
            discard();
        } finally {
            lock.unlock();
        }
        pool.wake();
    }

    void release(LogHold hold) {
        lock.lock();
        try {
            holds.remove(hold);
            discard();
        } finally {
            lock.unlock();
        }
        pool.wake();
    }

    boolean isLost(LogHold hold) {
        lock.lock();
        try {
            return hold.lost();
        } finally {
            lock.unlock();
        }
    }

    /** Everybody who holds log. */
    List<LogHolder> holders() {
        lock.lock();
        try {
            long now = threads.nanoTime();
            return holds.stream()
                    .map(hold -> new LogHolder(hold.name(), hold.heldLsn(), now - hold.sinceNanos(), heldBytes(hold)))
                    .toList();
        } finally {
            lock.unlock();
        }
    }

    /** Under the lock, so that segments become free in their order; the pool is woken behind it. */
    private void discard() {
        holds.removeIf(hold -> {
            if (hold.limitBytes() > 0 && heldBytes(hold) > hold.limitBytes()) {
                hold.lose();
            }
            return hold.lost();
        });
        long bound = bound();
        for (LogHold hold : holds) {
            bound = Math.min(bound, hold.heldLsn());
        }
        pool.obsolete(index.dropBefore(bound));
    }

    /** What would be needed if nobody held anything. */
    private long bound() {
        List<LogIndex.Entry> segments = index.segments();
        if (keptSegments == 0 || segments.isEmpty()) {
            return neededLsn;
        }
        int first = Math.max(0, segments.size() - keptSegments);
        return Math.min(neededLsn, segments.get(first).firstLsn());
    }

    private long heldBytes(LogHold hold) {
        long bound = bound();
        List<LogIndex.Entry> segments = index.segments();
        long held = 0;
        for (int i = 0; i + 1 < segments.size(); i++) {
            long next = segments.get(i + 1).firstLsn();
            if (next > hold.heldLsn() && next <= bound) {
                held += segmentSize;
            }
        }
        return held;
    }
}
