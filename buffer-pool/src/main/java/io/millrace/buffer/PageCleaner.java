package io.millrace.buffer;

import io.millrace.common.EngineThreads;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.agrona.collections.IntArrayList;

/**
 * One cleaner thread: writes dirty pages back. A batch goes this way:
 *
 * <ol>
 *   <li>copy each page under its shared latch, "writing" set: from here on a second recLSN counts (D7)
 *   <li>stamp the checksums into the copies
 *   <li>wait until the log is durable up to the highest page LSN in the batch (L1)
 *   <li>double-write area, forced; home, in page order; data file forced; batch retired
 *   <li>each frame under its shared latch: the second recLSN replaces the first
 * </ol>
 *
 * <p>It works when a flush is asked for, when clean frames are scarce or more than half the pool is dirty, and a little all the time. A latch that
 * is busy is never waited for; the frame's turn comes again. After the first failure nothing is written any more (L9): flushes end without effect.
 */
final class PageCleaner implements Runnable {
    private static final long IDLE_NANOS = 200_000_000;
    private static final long RETRY_NANOS = 200_000;
    private static final int DIRTY_SHARE = 2;
    private static final int MIN_BATCH = 4;
    private static final int BATCH_SHARE = 8;

    private record Flush(long upToRecLsn, Runnable done) {}

    private enum Outcome {
        SKIPPED,
        COPIED,
        BUSY
    }

    /** What cleaners share. */
    record Shared(
            DataFile dataFile,
            DoubleWriteArea doubleWrite,
            WriteAheadBarrier barrier,
            FrameTable frames,
            FrameMemory memory,
            FrameSupply supply,
            PoolCounters counters,
            EngineThreads threads) {}

    private final Shared pool;
    private final WriteFailures failures;
    private final WriteBatch batch;
    private final Queue<Flush> flushes = new ConcurrentLinkedQueue<>();
    private final Doorbell bell;
    // Written home, but the latch was busy when the second recLSN was to replace the first.
    private final IntArrayList unfinished = new IntArrayList();
    private int hand;
    private volatile boolean closed;
    private volatile boolean ended;

    PageCleaner(Shared pool, int firstFrame) {
        this.pool = pool;
        failures = pool.dataFile().failures();
        batch = new WriteBatch(
                batchPages(pool.frames().count()), pool.dataFile().pageSize());
        hand = firstFrame;
        bell = new Doorbell(pool.threads());
    }

    /** Pages a batch has in a pool of so many frames. */
    static int batchPages(int frameCount) {
        return Math.min(DoubleWriteLayout.BATCH_PAGES, Math.max(MIN_BATCH, frameCount / BATCH_SHARE));
    }

    /** Any thread. {@code done} runs on this cleaner's thread in any case, also when nothing can be written any more. */
    void requestFlush(long upToRecLsn, Runnable done) {
        flushes.add(new Flush(upToRecLsn, done));
        bell.ring();
        if (ended) {
            endFlushes(takeFlushes());
        }
    }

    void ring() {
        bell.ring();
    }

    /** Many dirty frames: the moment to begin, without being asked. */
    static int dirtyThreshold(int frameCount) {
        return frameCount / DIRTY_SHARE;
    }

    @Override
    public void run() {
        bell.owner(Thread.currentThread());
        while (!closed) {
            boolean written = false;
            List<Flush> requests = takeFlushes();
            if (!failures.isPoisoned()) {
                try {
                    written = work(requests);
                } catch (RuntimeException | Error failure) {
                    failures.fail(failure);
                    pool.supply().framesAvailable();
                    if (pool.doubleWrite() != null) {
                        pool.doubleWrite().wakeWaiters();
                    }
                }
            }
            endFlushes(requests);
            if (!written && flushes.isEmpty()) {
                bell.await(unfinished.isEmpty() ? IDLE_NANOS : RETRY_NANOS);
            }
        }
        ended = true;
        endFlushes(takeFlushes());
    }

    void close() {
        closed = true;
        bell.ring();
    }

    private List<Flush> takeFlushes() {
        List<Flush> taken = new ArrayList<>();
        for (Flush flush = flushes.poll(); flush != null; flush = flushes.poll()) {
            taken.add(flush);
        }
        return taken;
    }

    private void endFlushes(List<Flush> requests) {
        for (Flush flush : requests) {
            Callbacks.run(flush.done());
        }
    }

    /** True if there may be more to do at once. */
    private boolean work(List<Flush> requests) {
        finishLate();
        if (!requests.isEmpty()) {
            long upTo = 0;
            for (Flush flush : requests) {
                upTo = Math.max(upTo, flush.upToRecLsn());
            }
            flush(upTo);
            return true;
        }
        int dirty = pool.frames().dirtyCount();
        if (dirty == 0) {
            return false;
        }
        boolean pressed =
                pool.supply().isScarce() || dirty > dirtyThreshold(pool.frames().count());
        // First what needs no force of the log; in quiet times only that.
        boolean written = sweep(pool.barrier().durableLsn());
        return pressed && (written || sweep(Long.MAX_VALUE));
    }

    /** Fills one batch from where the last sweep ended, and writes it. */
    private boolean sweep(long highestLsn) {
        int ready = pool.memory().readyFrames();
        for (int step = 0; step < ready && !batch.isFull(); step++) {
            hand = hand + 1 < ready ? hand + 1 : 0;
            copy(hand, Long.MAX_VALUE, highestLsn);
        }
        return writeBatch();
    }

    /** Every frame dirty now with a recLSN below the limit is copied once from now on and written. */
    private void flush(long upToRecLsn) {
        IntArrayList busy = new IntArrayList();
        for (int frame = 0; frame < pool.memory().readyFrames(); frame++) {
            visit(frame, upToRecLsn, busy);
        }
        writeBatch();
        while (!busy.isEmpty() && !closed) {
            IntArrayList again = busy;
            busy = new IntArrayList();
            for (int i = 0; i < again.size(); i++) {
                visit(again.getInt(i), upToRecLsn, busy);
            }
            failures.check("flush " + pool.dataFile().path());
            if (!writeBatch() && !busy.isEmpty()) {
                bell.await(RETRY_NANOS);
            }
            finishLate();
        }
    }

    private void visit(int frame, long upToRecLsn, IntArrayList busy) {
        if (copy(frame, upToRecLsn, Long.MAX_VALUE) == Outcome.BUSY) {
            busy.addInt(frame);
        }
        if (batch.isFull()) {
            writeBatch();
        }
    }

    private Outcome copy(int frame, long upToRecLsn, long highestLsn) {
        FrameTable frames = pool.frames();
        if (isSkipped(frame, upToRecLsn)) {
            return Outcome.SKIPPED;
        }
        long latch = frames.latch(frame);
        if (frames.isWriting(frame) || !FrameLatch.tryShared(latch)) {
            return Outcome.BUSY;
        }
        try {
            long address = pool.memory().address(frame);
            if (isSkipped(frame, upToRecLsn) || PageLayout.pageLsn(address) > highestLsn) {
                return Outcome.SKIPPED;
            }
            if (!frames.beginWrite(frame)) {
                return Outcome.BUSY;
            }
            batch.add(frame, frames.pageId(frame), address);
            return Outcome.COPIED;
        } finally {
            FrameLatch.releaseShared(latch);
        }
    }

    private boolean isSkipped(int frame, long upToRecLsn) {
        long recLsn = pool.frames().recLsn(frame);
        return recLsn == 0 || recLsn >= upToRecLsn;
    }

    /** Writes what was copied; false if that was nothing. */
    private boolean writeBatch() {
        if (batch.count() == 0) {
            return false;
        }
        batch.stampChecksums();
        // L1: nothing of this batch reaches the disk before the log that explains it.
        pool.barrier().awaitDurable(batch.highestLsn());
        DoubleWriteArea area = pool.doubleWrite();
        long number = area == null ? 0 : area.write(batch);
        batch.writeHome(pool.dataFile());
        pool.dataFile().force();
        if (area != null) {
            area.retire(number);
        }
        pool.counters().highestPageLsnWritten.accumulateAndGet(batch.highestLsn(), Math::max);
        pool.counters().pagesWritten.addAndGet(batch.count());
        for (int i = 0; i < batch.count(); i++) {
            finish(batch.frame(i));
        }
        batch.clear();
        pool.supply().framesAvailable();
        return true;
    }

    private void finish(int frame) {
        long latch = pool.frames().latch(frame);
        if (FrameLatch.tryShared(latch)) {
            pool.frames().endWrite(frame);
            FrameLatch.releaseShared(latch);
        } else {
            unfinished.addInt(frame);
        }
    }

    private void finishLate() {
        if (!unfinished.isEmpty()) {
            int[] late = unfinished.toIntArray();
            unfinished.clear();
            for (int frame : late) {
                finish(frame);
            }
            pool.supply().framesAvailable();
        }
    }
}
