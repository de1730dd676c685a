package io.millrace.wal;

import com.lmax.disruptor.Sequence;
import io.millrace.error.MillraceException;
import io.millrace.error.StorageIoException;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The group-commit writer: the one consumer of the ring, on the log thread. A batch is whatever the ring holds, ended at a record end; it is
 * copied into one block, written in one piece and forced once. Then, in this order: durable LSN, ring sequence and credits, and the batch's
 * waiters as one object to the completion workers (D1).
 *
 * <p>Our own event processor: the stock one moves its sequence past a failed batch and only after the handler returns.
 */
final class GroupCommit {
    private static final long SEGMENT_WAIT_NANOS = 100_000;

    private final LogRing ring;
    private final LogStart log;
    private final Admission admission;
    private final SegmentPool segments;
    private final WalOptions options;
    private final WalListener listener;
    private final DurableWaiters durableWaiters;
    private final DurableLsn durable;
    private final Sequence consumed = new Sequence(-1);
    private final BlockBuilder block;
    /** Whose record is collected, and who is not told yet. */
    private CommitBatch batch = new CommitBatch();

    private Segment segment;
    private long position;
    private int previousChecksum;
    private long failedUpTo = -1;
    private final AtomicLong forces = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong records = new AtomicLong();

    GroupCommit(
            LogRing ring,
            LogStart log,
            Admission admission,
            SegmentPool segments,
            WalOptions options,
            WalListener listener,
            DurableWaiters durableWaiters,
            DurableLsn durable) {
        this.ring = ring;
        this.log = log;
        this.admission = admission;
        this.segments = segments;
        this.options = options;
        this.listener = listener;
        this.durableWaiters = durableWaiters;
        this.durable = durable;
        block = new BlockBuilder(options.maxBlockBytes());
        previousChecksum = log.previousChecksum();
        ring.gatedBy(consumed);
    }

    /** One batch, or none; answers whether there was something to do. */
    boolean step() {
        try {
            boolean wrote = durable.poison() == null && writeBatch();
            if (durable.poison() == null) {
                durableWaiters.take(durable.get(), batch);
                handOverBatch();
                return wrote;
            }
        } catch (Throwable failure) {
            // Whatever it is, the log does not go on behind it (L6, L9).
            durable.poison(failure);
        }
        return fail();
    }

    boolean hasWork() {
        return ring.isPublished(consumed.get() + 1) || durableWaiters.hasArrivals();
    }

    /** Whether everything claimed so far has been dealt with. */
    boolean isDrained() {
        return consumed.get() == ring.cursor();
    }

    private boolean writeBatch() throws IOException {
        long first = consumed.get() + 1;
        if (!ring.isPublished(first)) {
            return false;
        }
        if (segment == null || !block.fits(ring.lengthAt(first), roomInSegment())) {
            nextSegment(ring.base() + first);
        }
        long next = collect(first);
        if (next == first) {
            return false;
        }
        long lastLsn = ring.base() + next - 1;
        segment.file()
                .write(
                        position,
                        block.seal(
                                log,
                                segment.number(),
                                position,
                                ring.base() + first,
                                lastLsn,
                                durable.get(),
                                ring.slotBytes(),
                                previousChecksum));
        segment.file().force(false);
        previousChecksum = block.checksum();
        position += block.length();
        finish(first, next, lastLsn);
        return true;
    }

    private long roomInSegment() {
        return options.segmentSizeBytes() - position;
    }

    /** Copies whole published records into the block; answers the sequence behind the last. */
    private long collect(long first) {
        long next = first;
        while (ring.isPublished(next)) {
            int length = ring.lengthAt(next);
            long last = next + ring.slotsOf(length) - 1;
            if (!ring.isPublished(last) || !block.fits(length, roomInSegment())) {
                break;
            }
            if (ring.kindAt(next) == RecordKind.VOID.code()) {
                throw new IllegalStateException("a record was voided between claim and publish");
            }
            block.add(ring, next, length);
            CommitWaiter waiter = ring.takeWaiter(last);
            if (waiter != null) {
                batch.add(ring.base() + last, waiter);
            }
            next = last + 1;
        }
        return next;
    }

    private void finish(long first, long next, long lastLsn) {
        forces.lazySet(forces.get() + 1);
        bytes.lazySet(bytes.get() + block.length());
        records.lazySet(records.get() + block.records());
        durable.advance(lastLsn);
        consumed.set(next - 1);
        admission.batchDone(next - first, (block.records() - 1L) * BlockLayout.HEADER_LENGTH);
        block.begin();
    }

    private void nextSegment(long firstLsn) throws IOException {
        if (segment != null) {
            admission.addBytes(Math.max(0, position - SegmentLayout.FIRST_BLOCK - options.usableBytes()));
            segment.close();
        }
        Segment next = segments.take();
        while (next == null) {
            // Admission counts only prepared bytes, so this is a short wait for the preparer's hand-over at most.
            if (durable.poison() != null) {
                throw new IOException("no segment is being prepared any more", durable.poison());
            }
            options.threads().park(this, SEGMENT_WAIT_NANOS);
            next = segments.take();
        }
        segment = next;
        position = SegmentLayout.FIRST_BLOCK;
        segment.begin(log.storeId(), (int) log.incarnation(), firstLsn, previousChecksum);
        segments.began(segment.number(), firstLsn);
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
        Throwable cause = durable.poison();
        batch.unknown(cause);
        handOverBatch();
        CommitBatch reached = new CommitBatch();
        durableWaiters.take(durable.get(), reached);
        handOver(reached);
        loseWaiters(new StorageIoException("wait for durability after an earlier failure", cause));
        admission.serve();
        durable.wakeAll();
        return some;
    }

    /** Nothing more becomes durable: those who wait without a record are told. */
    void loseWaiters(MillraceException cause) {
        CommitBatch hopeless = new CommitBatch();
        durableWaiters.take(Long.MAX_VALUE, hopeless);
        handOver(hopeless.lost(cause));
    }

    /** Only then is there a new one: what a failure interrupts is told with the next step. */
    private void handOverBatch() {
        handOver(batch);
        if (!batch.isEmpty()) {
            batch = new CommitBatch();
        }
    }

    private void handOver(CommitBatch waiters) {
        if (!waiters.isEmpty()) {
            listener.batchDurable(waiters);
        }
    }

    WalStats stats() {
        return new WalStats(
                forces.get(),
                bytes.get(),
                records.get(),
                segments.segments(),
                admission.heldSlots(),
                admission.heldUndoBytes());
    }

    void close() throws IOException {
        if (segment != null) {
            segment.close();
        }
    }
}
