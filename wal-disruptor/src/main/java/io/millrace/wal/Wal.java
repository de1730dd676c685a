package io.millrace.wal;

import io.millrace.common.Completion;
import io.millrace.common.EngineThreads;
import io.millrace.error.MillraceException;
import io.millrace.error.StorageIoException;
import io.millrace.error.StoreClosedException;
import io.millrace.storage.StorageDirectory;
import java.io.IOException;
import java.util.List;
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
    private final WalOptions options;
    private final long storeId;
    private final WalListener listener;
    private final EngineThreads threads;
    private final LogSignal signal;
    private final LogRing ring;
    private final LogProgress progress;
    private final LsnWaiters lsnWaiters = new LsnWaiters();
    private final LsnWaiters durableWaiters = new LsnWaiters();
    private final Admission admission;
    private final LogIndex index = new LogIndex();
    private final LogRetention retention;
    private final SegmentPool segments;
    private final GroupCommit writer;
    private final AtomicBoolean closeBegun = new AtomicBoolean();
    private final Completion closeDone;
    // Written before the log is handed out.
    private Thread thread;
    private LogArchiver archiver;
    private volatile boolean closing;
    private volatile boolean ended;

    private Wal(
            WalOptions options, StorageDirectory directory, LogStart start, Executor workers, WalListener listener) {
        this.directory = directory;
        this.options = options;
        storeId = start.storeId();
        this.listener = listener;
        threads = options.threads();
        signal = new LogSignal(threads);
        closeDone = new Completion(threads);
        ring = new LogRing(options.slots(), options.slotSizeBytes(), start.nextLsn(), signal);
        progress = new LogProgress(start.nextLsn() - 1, options.mode(), listener, threads);
        admission = new Admission(ring, options, workers, this::refusal);
        segments = new SegmentPool(directory, options, start.segmentNumber(), index, admission, this::poison);
        retention = new LogRetention(
                index, options.segmentSizeBytes(), options.keeping().retainBytes(), threads);
        retention.discardsTo(segments);
        for (LogStart.SegmentStart former : start.segments()) {
            segments.adopt(former.number(), former.firstLsn());
        }
        writer = new GroupCommit(
                ring, start, admission, segments, options, listener, lsnWaiters, durableWaiters, progress);
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
        wal.startArchive(start.nextLsn());
        wal.thread = wal.threads.start("log", wal::run);
        return wal;
    }

    private void startArchive(long nextLsn) throws IOException {
        StorageDirectory archive = options.keeping().archive();
        if (archive != null) {
            archiver = new LogArchiver(directory, archive, index, retention, nextLsn, threads);
            archiver.start();
        }
    }

    private void run() {
        while (true) {
            if (!step()) {
                if (closing && (writer.isDrained() || progress.poison() != null)) {
                    return;
                }
                rest();
            }
        }
    }

    private void rest() {
        signal.announce();
        boolean arrivals = lsnWaiters.hasArrivals() || durableWaiters.hasArrivals();
        long patience = progress.poison() == null ? writer.patienceNanos() : arrivals ? 0 : IDLE_NANOS;
        if (patience > 0 && patience < IDLE_NANOS && writer.delays()) {
            // What arrives from now on is what it waits for.
            signal.announceDelay();
            patience = writer.patienceNanos();
        }
        if (patience == 0) {
            signal.awake();
        } else {
            signal.sleep(Math.min(patience, closing ? IDLE_NANOS / 1000 : IDLE_NANOS));
        }
    }

    private boolean step() {
        try {
            return writer.step();
        } catch (Throwable failure) {
            // Even telling of a failure failed, for want of memory, say: told again after a pause.
            progress.poison(failure);
            threads.park(this, RETRY_NANOS);
            return false;
        }
    }

    private MillraceException refusal() {
        Throwable cause = progress.poison();
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
        signal.hurry();
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
        progress.poison(cause);
        ring.publish(lsn, recordLength);
        signal.hurry();
    }

    /**
     * Wakes the log thread if it sleeps and should not: call once after unlatching.
     *
     * @param awaited whether somebody waits for what was published; the rest is written with what comes, or when the ring fills
     */
    public void wake(boolean awaited) {
        if (awaited || admission.heldSlots() > ring.slots() / 2) {
            signal.wake();
        }
    }

    /** The log is forced up to here: always a record end, never moves back. What is written to disk rests on it (L1). */
    public long durableLsn() {
        return progress.durable();
    }

    /**
     * What is told to callers rests on this: the durable LSN or, with a {@link SyncMode} that {@linkplain SyncMode#lags lags}, how far the log is
     * written. Always a record end, never moves back, not before the durable LSN.
     */
    public long visibleLsn() {
        return progress.visible();
    }

    /** How a batch becomes durable. */
    public SyncMode mode() {
        return options.mode();
    }

    /** Bytes to reserve for undoing a change: the most a compensation record of this length takes in the log. */
    public long undoCharge(int compensationLength) {
        return options.charge(compensationLength);
    }

    /** Highest LSN claimed so far. */
    public long claimedLsn() {
        return ring.base() + ring.cursor();
    }

    /** Tells {@code waiter}, on a completion worker, once {@code lsn} is {@linkplain #visibleLsn visible}. Never blocks. */
    public void whenVisible(long lsn, CommitWaiter waiter) {
        when(lsn, progress.visible(), lsnWaiters, waiter);
    }

    /** Tells {@code waiter}, on a completion worker, once {@code lsn} is durable, which it does not hasten. Never blocks. */
    public void whenDurable(long lsn, CommitWaiter waiter) {
        when(lsn, progress.durable(), durableWaiters, waiter);
    }

    private void when(long lsn, long reachedNow, LsnWaiters line, CommitWaiter waiter) {
        if (lsn <= reachedNow) {
            // Not behind the force that may be running.
            CommitBatch reached = new CommitBatch();
            reached.add(lsn, waiter);
            handOver(reached);
            return;
        }
        line.add(lsn, waiter);
        if (ended) {
            loseLateWaiters();
        } else {
            signal.wake();
        }
    }

    /** Blocks until {@code lsn} is durable, and sees to it that it is forced. Engine threads only. */
    public void awaitDurable(long lsn) {
        progress.wantForce(lsn);
        signal.hurry();
        progress.await(lsn);
    }

    /** Stops all writing for good (L9); the first cause stays. */
    public void poison(Throwable cause) {
        progress.poison(cause);
        signal.hurry();
    }

    /** The first failure, or null. */
    public Throwable poisonCause() {
        return progress.poison();
    }

    /** Whether writing has stopped for good. */
    public boolean isPoisoned() {
        return progress.poison() != null;
    }

    /**
     * A reader over the durable part of the log, through the tail as it grows. Its {@link LogReader#close} closes it. The log below
     * {@link LogReader#oldestLsn} is in the archive, if there is one, or gone, and goes on going while it reads.
     */
    public LogReader reader() {
        StorageDirectory archive = options.keeping().archive();
        ArchivedSegments archived = archive == null ? null : new ArchivedSegments(archive, storeId);
        return new LogReader(new LogSegments(directory, index, archived), storeId, progress::durable);
    }

    /** Restart needs nothing below {@code lsn} any more: segments go, unless somebody {@linkplain #hold holds} them. */
    public void truncateBefore(long lsn) {
        retention.neededFrom(lsn);
        segments.checkpointDone();
    }

    /** Whether the log has its greatest size and needs a checkpoint that lets go of something. */
    public boolean isCrowded() {
        return segments.isCrowded();
    }

    /**
     * Keeps the log from {@code lsn} on until the answer is advanced or closed.
     *
     * @param name who asks, for {@link #holders}
     * @param limitBytes most to keep for it, then its hold is lost; 0 for no limit
     * @throws io.millrace.error.LogPositionGoneException if that is gone already
     */
    public LogHold hold(String name, long lsn, long limitBytes) {
        return retention.hold(name, lsn, limitBytes);
    }

    /** The same from the oldest LSN on that there is. */
    public LogHold holdAll(String name, long limitBytes) {
        return retention.holdAll(name, limitBytes);
    }

    /** Whether what is let go of is in an archive, where readers find it. */
    public boolean isArchived() {
        return archiver != null;
    }

    /** Bytes of a segment. */
    public long segmentSizeBytes() {
        return options.segmentSizeBytes();
    }

    /** Everybody who holds log. */
    public List<LogHolder> holders() {
        return retention.holders();
    }

    /** Counts. */
    public WalStats stats() {
        return writer.stats(archiver);
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
        progress.wantForce(claimedLsn());
        admission.serve();
        signal.hurry();
        threads.join(thread);
        StoreClosedException cause = new StoreClosedException(directory.describe());
        progress.close(cause);
        try {
            writer.loseWaiters(cause);
            ended = true;
            loseLateWaiters();
        } finally {
            if (archiver != null) {
                archiver.close();
            }
            segments.close();
            writer.close();
        }
    }

    /** Who came after the log thread had gone. */
    private void loseLateWaiters() {
        CommitBatch late = new CommitBatch();
        lsnWaiters.takeLate(late);
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
