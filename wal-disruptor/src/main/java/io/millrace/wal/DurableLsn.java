package io.millrace.wal;

import io.millrace.error.MillraceException;
import io.millrace.error.StorageIoException;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * How far the log is durable, and whether it has failed. The LSN is always a record end, written by the log thread alone, never moves back,
 * and never moves after a failure (L9).
 */
final class DurableLsn {
    private final AtomicReference<Throwable> poison = new AtomicReference<>();
    private final Queue<Thread> sleepers = new ConcurrentLinkedQueue<>();
    private final WalListener listener;
    private volatile long lsn;
    private volatile MillraceException closed;

    DurableLsn(long lsn, WalListener listener) {
        this.lsn = lsn;
        this.listener = listener;
    }

    long get() {
        return lsn;
    }

    void advance(long next) {
        if (poison.get() == null) {
            lsn = next;
            wakeAll();
        }
    }

    Throwable poison() {
        return poison.get();
    }

    void poison(Throwable cause) {
        if (poison.compareAndSet(null, cause)) {
            listener.poisoned(cause);
            wakeAll();
        }
    }

    /** The log has ended: what is not durable now never will be. */
    void close(MillraceException cause) {
        closed = cause;
        wakeAll();
    }

    void wakeAll() {
        for (Thread sleeper : sleepers) {
            LockSupport.unpark(sleeper);
        }
    }

    /** Blocks until {@code target} is durable. Engine threads only. */
    void await(long target) {
        if (lsn >= target) {
            return;
        }
        Thread self = Thread.currentThread();
        sleepers.add(self);
        try {
            while (lsn < target) {
                if (poison.get() != null) {
                    throw new StorageIoException("wait for LSN " + target + " to become durable", poison.get());
                }
                MillraceException end = closed;
                if (end != null && lsn < target) {
                    throw end;
                }
                LockSupport.park(this);
            }
        } finally {
            sleepers.remove(self);
        }
    }
}
