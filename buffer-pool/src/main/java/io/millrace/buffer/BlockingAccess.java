package io.millrace.buffer;

import io.millrace.error.MillraceException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;

/** What of a {@link BufferPool} waits: for engine threads only. An interrupt is kept for later. */
final class BlockingAccess {
    private static final int SPINS = 1_000;
    private static final long LATCH_RETRY_NANOS = 20_000;

    private final BufferPool pool;
    private final PageTable table;
    private final FrameTable frames;
    private final DataFile dataFile;

    BlockingAccess(BufferPool pool, PageTable table, FrameTable frames, DataFile dataFile) {
        this.pool = pool;
        this.table = table;
        this.frames = frames;
        this.dataFile = dataFile;
    }

    int pin(long pageId) {
        pool.checkOpen();
        if (PageLoader.pinResident(table, frames, pageId, 1) != PageLoader.Residency.PINNED) {
            new BlockingWaiter().fetch(pageId);
        }
        // Pinned is resident; only a chain that changes under the look-up can hide it for a moment.
        int frame = table.find(pageId);
        while (frame == BufferPool.MISS) {
            Thread.onSpinWait();
            frame = table.find(pageId);
        }
        return frame;
    }

    void latchExclusive(int frame) {
        for (int tries = 0; !FrameLatch.tryExclusive(frames.latch(frame)); tries++) {
            pool.checkOpen();
            if (tries < SPINS) {
                Thread.onSpinWait();
            } else {
                // A change that was cut off keeps its latches for ever (L6).
                dataFile.failures().check("latch page " + frames.pageId(frame));
                LockSupport.parkNanos(this, LATCH_RETRY_NANOS);
            }
        }
    }

    void flushAll() {
        pool.checkOpen();
        CountDownLatch done = new CountDownLatch(1);
        pool.requestFlush(Long.MAX_VALUE, done::countDown);
        await(done);
        dataFile.failures().check("flush " + dataFile.path());
        pool.checkOpen();
    }

    private static void await(CountDownLatch latch) {
        boolean interrupted = false;
        while (latch.getCount() > 0) {
            try {
                latch.await();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private final class BlockingWaiter implements PageWaiter {
        private final CountDownLatch answered = new CountDownLatch(1);
        // Written before the count-down, read behind it.
        private MillraceException failure;

        void fetch(long pageId) {
            pool.fetch(pageId, this);
            await(answered);
            if (failure != null) {
                throw failure;
            }
        }

        @Override
        public void pageReady(long pageId) {
            answered.countDown();
        }

        @Override
        public void pageFailed(long pageId, MillraceException cause) {
            failure = cause;
            answered.countDown();
        }
    }
}
