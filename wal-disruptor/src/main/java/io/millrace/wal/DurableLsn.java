package io.millrace.wal;

import io.millrace.common.EngineThreads;
import io.millrace.common.Sleepers;
import io.millrace.error.MillraceException;
import io.millrace.error.StorageIoException;
import java.util.concurrent.atomic.AtomicReference;

/**
 * How far the log is durable, and whether it has failed. The LSN is always a record end, written by the log thread alone, never moves back,
 * and never moves after a failure (L9).
 */
final class DurableLsn {
    private final AtomicReference<Throwable> poison = new AtomicReference<>();
    private final Sleepers sleepers;
    private final WalListener listener;
    private volatile long lsn;
    private volatile MillraceException closed;

    DurableLsn(long lsn, WalListener listener, EngineThreads threads) {
        sleepers = new Sleepers(threads);
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
        sleepers.wakeAll();
    }

    /** Blocks until {@code target} is durable. Engine threads only. */
    void await(long target) {
        sleepers.await(() -> isReached(target));
    }

    private boolean isReached(long target) {
        if (lsn >= target) {
            return true;
        }
        if (poison.get() != null) {
            throw new StorageIoException("wait for LSN " + target + " to become durable", poison.get());
        }
        MillraceException end = closed;
        if (end != null && lsn < target) {
            throw end;
        }
        return false;
    }
}
