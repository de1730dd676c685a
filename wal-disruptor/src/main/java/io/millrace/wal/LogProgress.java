package io.millrace.wal;

import io.millrace.common.EngineThreads;
import io.millrace.common.Sleepers;
import io.millrace.error.MillraceException;
import io.millrace.error.StorageIoException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * How far the log is written, visible and durable, and whether it has failed. All three are record ends, written by the log thread alone, never
 * move back, and never move after a failure (L9).
 *
 * <pre>
 * durable  forced: what L1, checkpoints and everything on disk rest on
 * written  handed to the operating system: survives the death of the process
 * visible  what snapshots see and commits are answered at: durable, but with {@link SyncMode#lags} written
 * </pre>
 */
final class LogProgress {
    private final AtomicReference<Throwable> poison = new AtomicReference<>();
    private final AtomicLong wanted = new AtomicLong();
    private final Sleepers sleepers;
    private final WalListener listener;
    private final boolean lags;
    private volatile long written;
    private volatile long durable;
    private volatile MillraceException closed;

    LogProgress(long lsn, SyncMode mode, WalListener listener, EngineThreads threads) {
        sleepers = new Sleepers(threads);
        lags = mode.lags();
        written = lsn;
        durable = lsn;
        this.listener = listener;
    }

    long durable() {
        return durable;
    }

    long written() {
        return written;
    }

    long visible() {
        return lags ? written : durable;
    }

    void written(long lsn) {
        if (poison.get() == null) {
            written = lsn;
        }
    }

    void durable(long lsn) {
        if (poison.get() == null) {
            durable = lsn;
            wakeAll();
        }
    }

    /** Whether somebody waits for more to be durable than is. */
    boolean isForceWanted() {
        return wanted.get() > durable;
    }

    void wantForce(long lsn) {
        wanted.accumulateAndGet(lsn, Math::max);
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

    /** Blocks until {@code target} is durable; it is {@link #wantForce wanted} already. Engine threads only. */
    void await(long target) {
        sleepers.await(() -> isReached(target));
    }

    private boolean isReached(long target) {
        if (durable >= target) {
            return true;
        }
        if (poison.get() != null) {
            throw new StorageIoException("wait for LSN " + target + " to become durable", poison.get());
        }
        MillraceException end = closed;
        if (end != null && durable < target) {
            throw end;
        }
        return false;
    }
}
