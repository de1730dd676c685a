package io.millrace.wal;

import io.millrace.common.Completion;
import io.millrace.common.EngineThreads;
import io.millrace.error.MillraceException;
import io.millrace.error.StorageIoException;
import io.millrace.error.StoreClosedException;
import io.millrace.storage.StorageDirectory;
import java.io.IOException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The open, appending log. Appending is four calls that follow an admission: {@link #claim} gives the LSN, {@link #copy} and {@link #waiter}
 * fill the slots, {@link #publish} hands the record to the log thread; none of them waits, allocates or can fail (L6). {@link #wake} comes after
 * the caller has let go of its latches.
 *
 * <p>Any thread, unless a method says otherwise.
 */
public final class Wal implements AutoCloseable {
    private static final long IDLE_NANOS = 1_000_000_000;
    private static final long RETRY_NANOS = 1_000_000;

    private final StorageDirectory directory;
    private final WalListener listener;
    private final EngineThreads threads;
    private final LogSignal signal;
    private final LogRing ring;
    private final DurableLsn durable;
    private final DurableWaiters durableWaiters = new DurableWaiters();
    private final Admission admission;
    private final SegmentPool segments;
    private final GroupCommit writer;
    private final AtomicBoolean closeBegun = new AtomicBoolean();
    private final Completion closeDone;
    // Written before the log is handed out.
    private Thread thread;
    private volatile boolean closing;
    private volatile boolean ended;

    private Wal(
            WalOptions options, StorageDirectory directory, LogStart start, Executor workers, WalListener listener) {
        this.directory = directory;
        this.listener = listener;
        threads = options.threads();
        signal = new LogSignal(threads);
        closeDone = new Completion(threads);
        ring = new LogRing(options.slots(), options.slotSizeBytes(), start.nextLsn(), signal);
        durable = new DurableLsn(start.nextLsn() - 1, listener, threads);
        admission = new Admission(ring, options.usableBytes() / 2, workers, this::refusal);
        segments = new SegmentPool(directory, options, start.segmentNumber(), admission, this::poison);
        for (LogStart.SegmentStart former : start.segments()) {
            segments.adopt(former.number(), former.firstLsn());
        }
        writer = new GroupCommit(ring, start, admission, segments, options, listener, durableWaiters, durable);
    }

    /**
     * Opens the log for appending and starts its threads. Engine threads only.
     *
     * @param workers where admission waiters are told
     * @param listener told of batches and of failure
     * @throws IOException if the first segment can't be prepared
     */
    public static Wal start(
            WalOptions options, StorageDirectory directory, LogStart start, Executor workers, WalListener listener)
            throws IOException {
        Wal wal = new Wal(options, directory, start, workers, listener);
        wal.segments.start();
        wal.thread = wal.threads.start("log", wal::run);
        return wal;
    }

    private void run() {
        while (true) {
            if (!step()) {
                if (closing && (writer.isDrained() || durable.poison() != null)) {
                    return;
                }
                signal.announce();
                if (writer.hasWork() && durable.poison() == null || durableWaiters.hasArrivals()) {
                    signal.awake();
                } else {
                    signal.sleep(closing ? IDLE_NANOS / 1000 : IDLE_NANOS);
                }
            }
        }
    }

    private boolean step() {
        try {
            return writer.step();
        } catch (Throwable failure) {
            // Even telling of a failure failed, for want of memory, say: told again after a pause.
            durable.poison(failure);
            threads.park(this, RETRY_NANOS);
            return false;
        }
    }

    private MillraceException refusal() {
        Throwable cause = durable.poison();
        if (cause != null) {
            return new StorageIoException("write after an earlier failure; reopen the store", cause);
        }
        return closing ? new StoreClosedException(directory.describe()) : null;
    }

    /**
     * Takes ring slots and log bytes for one record, and reserves log bytes for undoing it: all or none, never waits.
     *
     * @return false if there is no room, if others wait in line, or if nothing is written any more: see {@link #awaitAdmission}
     */
    public boolean tryAdmit(int recordLength, long undoBytes, Share share) {
        return admission.tryAdmit(recordLength, undoBytes, share);
    }

    /** Waits in line for the same; never blocks. */
    public void awaitAdmission(int recordLength, long undoBytes, Share share, AdmissionWaiter waiter) {
        admission.await(recordLength, undoBytes, share, waiter);
    }

    /** Returns credits that were not used. */
    public void giveBack(int recordLength, long undoBytes) {
        admission.giveBack(recordLength, undoBytes);
    }

    /** Returns what a record needs less than the credits held for it. */
    public void shrink(int heldLength, long heldUndoBytes, int recordLength, long undoBytes) {
        admission.shrink(heldLength, heldUndoBytes, recordLength, undoBytes);
    }

    /** The transaction has ended: nothing of it will be undone any more. */
    public void releaseUndo(long undoBytes) {
        admission.releaseUndo(undoBytes);
    }

    /** Claims slots for a record whose credits are held; the answer is its LSN, that of its last slot. */
    public long claim(int recordLength) {
        return ring.claim(recordLength);
    }

    /** Copies the whole record into its slots. */
    public void copy(long lsn, int recordLength, long address) {
        ring.copyIn(lsn, recordLength, address);
    }

    /** Who is told when the record is durable; before publish. */
    public void waiter(long lsn, CommitWaiter waiter) {
        ring.waiter(lsn, waiter);
    }

    /** Hands the record to the log thread. */
    public void publish(long lsn, int recordLength) {
        ring.publish(lsn, recordLength);
    }

    /** Something failed between claim and publish: nothing is written any more from here on (L6). */
    public void publishVoid(long lsn, int recordLength, Throwable cause) {
        ring.makeVoid(lsn, recordLength);
        durable.poison(cause);
        ring.publish(lsn, recordLength);
        signal.wake();
    }

    /** Wakes the log thread if it sleeps; call once after unlatching. */
    public void wake() {
        signal.wake();
    }

    /** The log is forced up to here: always a record end, never moves back. */
    public long durableLsn() {
        return durable.get();
    }

    /** Highest LSN claimed so far. */
    public long claimedLsn() {
        return ring.base() + ring.cursor();
    }

    /** Tells {@code waiter}, on a completion worker, once {@code lsn} is durable. Never blocks. */
    public void whenDurable(long lsn, CommitWaiter waiter) {
        if (lsn <= durable.get()) {
            // Not behind the force that may be running.
            CommitBatch reached = new CommitBatch();
            reached.add(lsn, waiter);
            handOver(reached);
            return;
        }
        durableWaiters.add(lsn, waiter);
        if (ended) {
            loseLateWaiters();
        } else {
            signal.wake();
        }
    }

    /** Blocks until {@code lsn} is durable. Engine threads only. */
    public void awaitDurable(long lsn) {
        signal.wake();
        durable.await(lsn);
    }

    /** Stops all writing for good (L9); the first cause stays. */
    public void poison(Throwable cause) {
        durable.poison(cause);
        signal.wake();
    }

    /** The first failure, or null. */
    public Throwable poisonCause() {
        return durable.poison();
    }

    /** Whether writing has stopped for good. */
    public boolean isPoisoned() {
        return durable.poison() != null;
    }

    /** Lets go of segments that hold nothing at or above {@code lsn}. */
    public void truncateBefore(long lsn) {
        segments.truncateBefore(lsn);
    }

    /** Counts. */
    public WalStats stats() {
        return writer.stats();
    }

    /** Bytes of off-heap memory. */
    public long offHeapBytes() {
        return ring.offHeapBytes();
    }

    /**
     * Writes and forces what was published, then stops the threads. Whoever waits is told that the store is closed, now and later. The caller has
     * seen to it that nobody holds credits any more. Engine threads only; idempotent, and a second caller waits for the first.
     */
    @Override
    public void close() throws IOException {
        if (closeBegun.compareAndSet(false, true)) {
            try {
                end();
            } finally {
                closeDone.complete();
            }
        }
        closeDone.await();
    }

    private void end() throws IOException {
        closing = true;
        admission.serve();
        signal.wake();
        threads.join(thread);
        StoreClosedException cause = new StoreClosedException(directory.describe());
        durable.close(cause);
        try {
            writer.loseWaiters(cause);
            ended = true;
            loseLateWaiters();
        } finally {
            segments.close();
            writer.close();
        }
    }

    /** Who came after the log thread had gone. */
    private void loseLateWaiters() {
        CommitBatch late = new CommitBatch();
        durableWaiters.takeLate(late);
        handOver(late.lost(new StoreClosedException(directory.describe())));
    }

    private void handOver(CommitBatch batch) {
        if (!batch.isEmpty()) {
            try {
                listener.batchDurable(batch);
            } catch (RejectedExecutionException closed) {
                // The workers are gone, and with them whoever could be disturbed.
                batch.run();
            }
        }
    }
}
