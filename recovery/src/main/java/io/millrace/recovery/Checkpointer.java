package io.millrace.recovery;

import io.millrace.buffer.BufferPool;
import io.millrace.buffer.DoubleWriteArea;
import io.millrace.error.StorageIoException;
import io.millrace.error.StoreClosedException;
import io.millrace.txn.Transactions;
import io.millrace.wal.Wal;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Moves the restart point forward so that the log stays bounded: fuzzy checkpoints on a thread of its own, none of which stops anybody. A
 * checkpoint is one forced write of a control-file slot (the log has no checkpoint record: analysis starts at the first record of the
 * oldest live transaction and so sees every one).
 *
 * <ol>
 *   <li>have the pages written back that were first changed before the last checkpoint (all of them, if one was asked for);
 *   <li>read the durable LSN, then the oldest recLSN: the smaller is the restart point;
 *   <li>read the first LSN of the oldest live transaction: analysis starts at the smaller of the two;
 *   <li>write and force the control slot;
 *   <li>let go of the log below what either slot needs.
 * </ol>
 *
 * <p>A failed write is final: it poisons the store (L9).
 */
public final class Checkpointer implements AutoCloseable {
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final BufferPool pool;
    private final Wal wal;
    private final DoubleWriteArea doubleWrite;
    private final Transactions transactions;
    private final ControlFile control;
    private final long intervalNanos;
    private final long logBytes;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition wanted = lock.newCondition();
    private final Thread thread = new Thread(this::run, "millrace-checkpoint");
    private List<CompletableFuture<Void>> requests = new ArrayList<>();
    private boolean closed;
    private volatile long lastCheckpointLsn;
    private long bytesAtLast;
    private long lastDurable;

    /**
     * A checkpointer; {@link #start} starts it.
     *
     * @param intervalNanos longest time between two checkpoints of a store that is written to
     * @param logBytes log written since the last checkpoint that makes the next one due
     */
    public Checkpointer(
            BufferPool pool,
            Wal wal,
            DoubleWriteArea doubleWrite,
            Transactions transactions,
            ControlFile control,
            long intervalNanos,
            long logBytes) {
        this.pool = pool;
        this.wal = wal;
        this.doubleWrite = doubleWrite;
        this.transactions = transactions;
        this.control = control;
        this.intervalNanos = intervalNanos;
        this.logBytes = logBytes;
        lastCheckpointLsn = control.current().restartLsn();
        thread.setDaemon(true);
    }

    /** Starts the thread. */
    public void start() {
        thread.start();
    }

    /** Asks for a checkpoint that begins after now; calls that come before it begins join. Engine threads and workers. */
    public CompletableFuture<Void> request() {
        CompletableFuture<Void> request = new CompletableFuture<>();
        lock.lock();
        try {
            if (closed) {
                request.completeExceptionally(new StoreClosedException("checkpoint"));
            } else {
                requests.add(request);
                wanted.signal();
            }
        } finally {
            lock.unlock();
        }
        return request;
    }

    /** Asks for a checkpoint whose end nobody waits for. */
    public void requestInBackground() {
        CompletableFuture<Void> unheeded = request();
        unheeded.exceptionally(failure -> null);
    }

    /** Restart point of the newest checkpoint. */
    public long lastCheckpointLsn() {
        return lastCheckpointLsn;
    }

    private void run() {
        while (awaitDue()) {
            List<CompletableFuture<Void>> served = takeRequests();
            try {
                checkpoint(!served.isEmpty());
                served.forEach(request -> request.complete(null));
            } catch (Throwable failure) {
                wal.poison(failure);
                StorageIoException cause = new StorageIoException("write a checkpoint", failure);
                served.forEach(request -> request.completeExceptionally(cause));
            }
        }
        takeRequests().forEach(request -> request.completeExceptionally(new StoreClosedException("checkpoint")));
    }

    private boolean awaitDue() {
        lock.lock();
        try {
            long due = System.nanoTime() + intervalNanos;
            while (!closed && requests.isEmpty() && !isDue(due)) {
                wanted.awaitNanos(LOOK_NANOS);
            }
            return !closed;
        } catch (InterruptedException e) {
            return !closed;
        } finally {
            lock.unlock();
        }
    }

    private boolean isDue(long due) {
        long written = wal.stats().logBytes() - bytesAtLast;
        return !wal.isPoisoned() && (written >= logBytes || written > 0 && System.nanoTime() - due >= 0);
    }

    private List<CompletableFuture<Void>> takeRequests() {
        lock.lock();
        try {
            List<CompletableFuture<Void>> taken = requests;
            requests = new ArrayList<>();
            return taken;
        } finally {
            lock.unlock();
        }
    }

    private void checkpoint(boolean everything) throws IOException {
        if (wal.isPoisoned()) {
            throw new StorageIoException("write a checkpoint of a poisoned store", wal.poisonCause());
        }
        bytesAtLast = wal.stats().logBytes();
        long writeBackBelow = everything ? wal.durableLsn() + 1 : lastDurable;
        CompletableFuture<Void> written = new CompletableFuture<>();
        pool.requestFlush(writeBackBelow, () -> written.complete(null));
        written.join();
        record(0);
    }

    private void record(long cleanEndLsn) throws IOException {
        long retired = doubleWrite.lastRetiredBatch();
        long durable = wal.durableLsn();
        long restart = Math.min(durable, pool.minRecLsn());
        long scanStart = Math.min(restart, transactions.oldestFirstLsn());
        if (wal.isPoisoned()) {
            // Asked after everything was read: a failure may have ended transactions whose end is not durable (L9).
            throw new StorageIoException("write a checkpoint of a poisoned store", wal.poisonCause());
        }
        ControlRecord last = control.current();
        control.write(new ControlRecord(
                last.storeId(),
                last.incarnation(),
                last.pageSize(),
                restart,
                scanStart,
                durable,
                Math.max(last.highestPageLsn(), pool.highestPageLsnWritten()),
                retired,
                cleanEndLsn));
        lastDurable = durable;
        lastCheckpointLsn = restart;
        wal.truncateBefore(control.oldestNeededLsn());
    }

    /** Ends the thread; then, if {@code cleanEndLsn} is not 0, notes that the log ends there. Pages have been flushed before. */
    public void close(long cleanEndLsn) throws IOException {
        close();
        if (cleanEndLsn != 0) {
            record(cleanEndLsn);
        }
    }

    /** Ends the thread without a last checkpoint. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            wanted.signal();
        } finally {
            lock.unlock();
        }
        boolean interrupted = false;
        while (thread.isAlive()) {
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
}
