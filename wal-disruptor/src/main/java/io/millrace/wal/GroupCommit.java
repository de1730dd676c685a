package io.millrace.wal;

import com.lmax.disruptor.Sequence;
import io.millrace.error.MillraceException;
import io.millrace.error.StorageIoException;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The group-commit writer: the one consumer of the ring, on the log thread. A batch is whatever the ring holds, ended at a record end; it is
 * copied into one block, written in one piece and forced once. Then, in this order: durable LSN, ring sequence and credits, and the batch's
 * waiters as one object to the completion workers (D1). Records that nobody waits for, those of transactions that go on, stay in the ring until
 * there is one that somebody does wait for, or some milliseconds have passed: a transaction costs one write and one force, not one for each of its
 * changes. With a {@link SyncMode} that lags the force comes later, and the waiters do not wait for it.
 *
 * <p>Our own event processor: the stock one moves its sequence past a failed batch and only after the handler returns.
 */
final class GroupCommit {
    private static final long NOTHING_WAITS = Long.MAX_VALUE;
    /** How long a record that nobody waits for may stay in the ring once the log thread has seen it. */
    private static final long UNAWAITED_NANOS = 20_000_000;

    private final LogRing ring;
    private final Admission admission;
    private final SegmentPool segments;
    private final WalOptions options;
    private final WalListener listener;
    private final LsnWaiters lsnWaiters;
    private final LsnWaiters durableWaiters;
    private final LogProgress progress;
    private final LogTail tail;
    private final Sequence consumed = new Sequence(-1);
    private final BlockBuilder block;
    /** Whose record is collected, and who is not told yet. */
    private CommitBatch batch = new CommitBatch();
    /** Of these, who wants to know when it is written. */
    private CommitBatch early = new CommitBatch(CommitBatch.Stage.WRITTEN);

    private long chargedBytes;
    private long failedUpTo = -1;
    private boolean delaying;
    private long delayBeganNanos;
    /** Last slot of the last record that was looked at for a waiter, and whether one was found that is not yet collected. */
    private long lookedAt = -1;

    private boolean awaited;
    private final AtomicLong records = new AtomicLong();

    GroupCommit(
            LogRing ring,
            LogStart log,
            Admission admission,
            SegmentPool segments,
            WalOptions options,
            WalListener listener,
            LsnWaiters lsnWaiters,
            LsnWaiters durableWaiters,
            LogProgress progress) {
        this.ring = ring;
        this.admission = admission;
        this.segments = segments;
        this.options = options;
        this.listener = listener;
        this.lsnWaiters = lsnWaiters;
        this.durableWaiters = durableWaiters;
        this.progress = progress;
        tail = new LogTail(log, segments, admission, options, progress);
        block = new BlockBuilder(options.maxBlockBytes(), options.mode());
        ring.gatedBy(consumed);
    }

    /** One batch, or none; answers whether there was something to do. */
    boolean step() {
        try {
            boolean worked = progress.poison() == null && work();
            if (progress.poison() == null) {
                takeReached(batch);
                handOverBatch();
                return worked;
            }
        } catch (Throwable failure) {
            // Whatever it is, the log does not go on behind it (L6, L9).
            progress.poison(failure);
        }
        return fail();
    }

    private boolean work() throws IOException {
        boolean forced = tail.forceDueNanos() == 0;
        if (forced) {
            tail.force();
        }
        return delayNanos() == 0 && writeBatch() || forced;
    }

    /** How long the log thread may sleep although there is or will be something to do; 0: not at all. */
    long patienceNanos() {
        if (lsnWaiters.hasArrivals() || durableWaiters.hasArrivals()) {
            return 0;
        }
        long untilBatch = ring.isPublished(consumed.get() + 1) ? delayNanos() : NOTHING_WAITS;
        return Math.min(untilBatch, tail.forceDueNanos());
    }

    /** Whether it waits for company for records that somebody waits for. */
    boolean delays() {
        return delaying && isAwaited();
    }

    private boolean isAwaited() {
        long next = Math.max(lookedAt, consumed.get()) + 1;
        while (!awaited && ring.isPublished(next)) {
            long last = next + ring.slotsOf(ring.lengthAt(next)) - 1;
            if (!ring.isPublished(last)) {
                break;
            }
            awaited = ring.hasWaiter(last);
            lookedAt = last;
            next = last + 1;
        }
        return awaited || lsnWaiters.isAnybodyWaiting();
    }

    /** How long the batch may still wait for company. It does not while somebody waits for it. */
    private long delayNanos() {
        if (!ring.isPublished(consumed.get() + 1)) {
            return 0;
        }
        long longest = options.sync().maxDelayNanos();
        if (!isAwaited()) {
            longest = Math.max(longest, UNAWAITED_NANOS);
        }
        boolean full = ring.cursor() - consumed.get() > ring.slots() / 2;
        if (longest == 0 || full || progress.isForceWanted() || admission.anybodyWaits()) {
            return 0;
        }
        long now = options.threads().nanoTime();
        if (!delaying) {
            delaying = true;
            delayBeganNanos = now;
        }
        return Math.max(0, delayBeganNanos + longest - now);
    }

    /** Whether everything claimed so far has been dealt with. */
    boolean isDrained() {
        return consumed.get() == ring.cursor() && progress.durable() == progress.written();
    }

    private boolean writeBatch() throws IOException {
        long first = consumed.get() + 1;
        if (!ring.isPublished(first)) {
            return false;
        }
        if (!block.fits(ring.lengthAt(first), tail.room())) {
            tail.nextSegment(ring.base() + first);
        }
        long next = collect(first);
        if (next == first) {
            return false;
        }
        delaying = false;
        awaited = false;
        lookedAt = next - 1;
        tail.append(block, ring.base() + first, ring.base() + next - 1, ring.slotBytes());
        handOver(early);
        early = early.next();
        if (!options.mode().lags()) {
            tail.force();
        }
        finish(first, next);
        return true;
    }

    /** Copies whole published records into the block; answers the sequence behind the last. */
    private long collect(long first) {
        long next = first;
        chargedBytes = 0;
        while (ring.isPublished(next)) {
            int length = ring.lengthAt(next);
            long last = next + ring.slotsOf(length) - 1;
            if (!ring.isPublished(last) || !block.fits(length, tail.room())) {
                break;
            }
            if (ring.kindAt(next) == RecordKind.VOID.code()) {
                throw new IllegalStateException("a record was voided between claim and publish");
            }
            block.add(ring, next, length);
            chargedBytes += options.charge(length);
            collectWaiter(last);
            next = last + 1;
        }
        return next;
    }

    private void collectWaiter(long last) {
        CommitWaiter waiter = ring.takeWaiter(last);
        if (waiter != null) {
            batch.add(ring.base() + last, waiter);
            if (waiter.wantsWritten()) {
                early.add(ring.base() + last, waiter);
            }
        }
    }

    private void finish(long first, long next) {
        records.lazySet(records.get() + block.records());
        consumed.set(next - 1);
        admission.batchDone(next - first, chargedBytes - block.space());
        block.begin();
    }

    /** The store is poisoned: whoever waits for a record learns that its outcome is unknown. */
    private boolean fail() {
        long next = Math.max(consumed.get(), failedUpTo) + 1;
        long end = ring.cursor();
        boolean some = false;
        for (; next <= end && ring.isPublished(next); next++) {
            CommitWaiter waiter = ring.takeWaiter(next);
            if (waiter != null) {
                batch.add(ring.base() + next, waiter);
            }
            failedUpTo = next;
            some = true;
        }
        Throwable cause = progress.poison();
        batch.unknown(cause);
        handOverBatch();
        CommitBatch reached = new CommitBatch();
        takeReached(reached);
        handOver(reached);
        loseWaiters(new StorageIoException("wait for durability after an earlier failure", cause));
        admission.serve();
        progress.wakeAll();
        return some;
    }

    /** Nothing more is reached: those who wait without a record are told. */
    void loseWaiters(MillraceException cause) {
        CommitBatch hopeless = new CommitBatch();
        lsnWaiters.take(Long.MAX_VALUE, hopeless);
        durableWaiters.take(Long.MAX_VALUE, hopeless);
        handOver(hopeless.lost(cause));
    }

    private void takeReached(CommitBatch reached) {
        lsnWaiters.take(progress.visible(), reached);
        durableWaiters.take(progress.durable(), reached);
    }

    /** Only then is there a new one: what a failure interrupts is told with the next step. */
    private void handOverBatch() {
        handOver(batch);
        batch = batch.next();
    }

    private void handOver(CommitBatch waiters) {
        if (!waiters.isEmpty()) {
            listener.batchDurable(waiters);
        }
    }

    WalStats stats(LogArchiver archiver) {
        return new WalStats(
                tail.forces(),
                tail.bytes(),
                records.get(),
                segments.segments(),
                admission.heldSlots(),
                archiver == null ? 0 : archiver.archived(),
                archiver == null ? 0 : archiver.failures(),
                admission.heldUndoBytes());
    }

    void close() throws IOException {
        tail.close();
    }
}
