package io.millrace.recovery;

import io.millrace.buffer.BufferPool;
import io.millrace.buffer.DoubleWriteArea;
import io.millrace.common.Completion;
import io.millrace.common.EngineThreads;
import io.millrace.error.StorageIoException;
import io.millrace.error.StoreClosedException;
import io.millrace.txn.Transactions;
import io.millrace.wal.Wal;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/**
 * Moves the restart point forward so that the log stays bounded: fuzzy checkpoints on a thread of its own, none of which stops anybody. A
 * checkpoint is one forced write of a control-file slot (the log has no checkpoint record: analysis starts at the first record of the
 * oldest live transaction and so sees every one).
 *
 * <ol>
 *   <li>have the oldest pages written back: as far as {@link CheckpointPace} wants it, or those first changed before the last checkpoint if that
 *       is long ago, or all of them if one was asked for;
 *   <li>read the durable LSN, then the oldest recLSN: the smaller is the restart point;
 *   <li>read the first LSN of the oldest live transaction: analysis starts at the smaller of the two; have the log forced up to what was visible
 *       then, which is durable already but with a {@code wal.sync} that lags;
 *   <li>write and force the control slot;
 *   <li>let go of the log below what either slot needs.
 * </ol>
 *
 * <p>A cut of the data file ({@link #cut}) is the end of a checkpoint, because a restart must not look at what is cut off: when the restart point
 * lies behind everything that was ever logged about it, both control slots are written with that restart point and the smaller number of
 * pages, and then the file is cut.
 *
 * <p>A failed write is final: it poisons the store (L9).
 */
public final class Checkpointer implements AutoCloseable {
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private record Cut(long pages, long afterLsn, CompletableFuture<Boolean> done) {}

    private final BufferPool pool;
    private final Wal wal;
    private final DoubleWriteArea doubleWrite;
    private final Transactions transactions;
    private final ControlFile control;
    private final CheckpointTargets targets;
    private final CheckpointPace pace;
    private final EngineThreads threads;
    // Any thread adds, the checkpointer takes; after its end, whoever adds.
    private final Queue<CompletableFuture<Void>> requests = new ConcurrentLinkedQueue<>();
    // The same for cuts.
    private final Queue<Cut> cuts = new ConcurrentLinkedQueue<>();
    private volatile Thread thread;
    private volatile boolean closed;
    private volatile boolean ended;
    private volatile long lastCheckpointLsn;
    private volatile ControlRecord lastRecord;
    private long lastDurable;
    private long writeBackBelow;

    /**
     * A checkpointer; {@link #start} starts it.
     *
     * @param lastRestart tells how fast a restart is
     */
    public Checkpointer(
            BufferPool pool,
            Wal wal,
            DoubleWriteArea doubleWrite,
            Transactions transactions,
            ControlFile control,
            CheckpointTargets targets,
            Restart lastRestart) {
        this.pool = pool;
        this.wal = wal;
        this.doubleWrite = doubleWrite;
        this.transactions = transactions;
        this.control = control;
        this.targets = targets;
        pace = new CheckpointPace(targets, lastRestart.speed());
        threads = transactions.engine().threads();
        lastRecord = control.current();
        lastCheckpointLsn = lastRecord.restartLsn();
    }

    /** Starts the thread. */
    public void start() {
        thread = threads.start("checkpoint", this::run);
    }

    /** Asks for a checkpoint that begins after now; calls that come before it begins join. Engine threads and workers. */
    public CompletableFuture<Void> request() {
        CompletableFuture<Void> request = new CompletableFuture<>();
        requests.add(request);
        threads.unpark(thread);
        if (ended) {
            refuseRest();
        }
        return request;
    }

    /** Asks for a checkpoint whose end nobody waits for. */
    public void requestInBackground() {
        CompletableFuture<Void> unheeded = request();
        unheeded.exceptionally(failure -> null);
    }

    /**
     * Asks for the sealed tail of the data file to be cut off, see {@link io.millrace.txn.PageAllocator#cutTail}. Engine threads and workers.
     *
     * @param pages how many are to stay
     * @param afterLsn a record behind all that concern pages to be cut off
     * @return whether it was cut: not if the seal was broken, or a backup is going to repeat log from before {@code afterLsn} on the pages it
     *     copies
     */
    public CompletableFuture<Boolean> cut(long pages, long afterLsn) {
        Cut cut = new Cut(pages, afterLsn, new CompletableFuture<>());
        cuts.add(cut);
        threads.unpark(thread);
        if (ended) {
            refuseRest();
        }
        return cut.done();
    }

    /** Restart point of the newest checkpoint. */
    public long lastCheckpointLsn() {
        return lastCheckpointLsn;
    }

    /** What the newest checkpoint has written. */
    ControlRecord lastRecord() {
        return lastRecord;
    }

    private void run() {
        while (awaitDue()) {
            List<CompletableFuture<Void>> served = takeRequests();
            Cut cut = cuts.poll();
            try {
                if (cut != null) {
                    wal.awaitDurable(cut.afterLsn());
                }
                checkpoint(served.isEmpty() && cut == null ? writeBackBelow : wal.durableLsn() + 1);
                served.forEach(request -> request.complete(null));
                if (cut != null) {
                    cut.done().complete(perform(cut));
                }
            } catch (Throwable failure) {
                wal.poison(failure);
                StorageIoException cause = new StorageIoException("write a checkpoint", failure);
                served.forEach(request -> request.completeExceptionally(cause));
                if (cut != null) {
                    cut.done().completeExceptionally(cause);
                }
            }
        }
        ended = true;
        refuseRest();
    }

    private void refuseRest() {
        takeRequests().forEach(request -> request.completeExceptionally(new StoreClosedException("checkpoint")));
        for (Cut cut = cuts.poll(); cut != null; cut = cuts.poll()) {
            cut.done().completeExceptionally(new StoreClosedException("compaction"));
        }
    }

    private boolean perform(Cut cut) {
        if (lastCheckpointLsn < cut.afterLsn()
                || wal.holders().stream().anyMatch(holder -> holder.copiesPagesBefore(cut.afterLsn()))) {
            return false;
        }
        return transactions.engine().pages().cutTail(cut.pages(), () -> announce(cut.pages()));
    }

    /** Both slots: either may be the one that a restart finds. */
    private void announce(long pages) throws IOException {
        if (wal.isPoisoned()) {
            throw new StorageIoException("cut the data file of a poisoned store", wal.poisonCause());
        }
        ControlRecord shorter = control.current().withDataPagesAtMost(pages);
        control.write(shorter);
        control.write(shorter);
    }

    private boolean awaitDue() {
        long due = threads.nanoTime() + targets.intervalNanos();
        while (!closed && requests.isEmpty() && cuts.isEmpty() && !isDue(due)) {
            threads.park(this, LOOK_NANOS);
        }
        return !closed;
    }

    private boolean isDue(long due) {
        long durable = wal.durableLsn();
        pace.note(durable, wal.stats().logBytes());
        if (wal.isPoisoned() || lastCheckpointLsn == durable) {
            return false;
        }
        if (wal.isCrowded()) {
            writeBackBelow = durable + 1;
            return true;
        }
        writeBackBelow = pace.writeBackBelow(lastCheckpointLsn, pool.stats().dirtyPages());
        if (writeBackBelow == 0 && threads.nanoTime() - due >= 0) {
            writeBackBelow = lastDurable + 1;
        }
        return writeBackBelow != 0;
    }

    private List<CompletableFuture<Void>> takeRequests() {
        List<CompletableFuture<Void>> taken = new ArrayList<>();
        for (CompletableFuture<Void> next = requests.poll(); next != null; next = requests.poll()) {
            taken.add(next);
        }
        return taken;
    }

    private void checkpoint(long belowLsn) throws IOException {
        if (wal.isPoisoned()) {
            throw new StorageIoException("write a checkpoint of a poisoned store", wal.poisonCause());
        }
        Completion written = new Completion(threads);
        pool.requestFlush(belowLsn, written::complete);
        written.await();
        record(0);
    }

    private void record(long cleanEndLsn) throws IOException {
        long retired = doubleWrite.lastRetiredBatch();
        long durable = wal.durableLsn();
        long restart = Math.min(durable, pool.minRecLsn());
        long scanStart = Math.min(restart, transactions.oldestFirstLsn());
        // Whoever is not among the running ones any more has ended below this.
        wal.awaitDurable(wal.visibleLsn());
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
                Math.max(last.dataPages(), pool.grownPages()),
                cleanEndLsn));
        lastDurable = durable;
        lastRecord = control.current();
        lastCheckpointLsn = restart;
        pace.moved(restart);
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
        closed = true;
        threads.unpark(thread);
        threads.join(thread);
    }
}
