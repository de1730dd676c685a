package io.millrace.buffer;

import io.millrace.common.Completion;
import io.millrace.common.EngineThreads;
import io.millrace.common.Sleepers;
import io.millrace.error.MillraceException;

/** What of a {@link BufferPool} waits: for engine threads only. An interrupt is kept for later. */
final class BlockingAccess {
    private final BufferPool pool;
    private final PageTable table;
    private final FrameTable frames;
    private final DataFile dataFile;
    private final EngineThreads threads;

    BlockingAccess(BufferPool pool, PageTable table, FrameTable frames, DataFile dataFile, EngineThreads threads) {
        this.pool = pool;
        this.table = table;
        this.frames = frames;
        this.dataFile = dataFile;
        this.threads = threads;
    }

    int pin(long pageId) {
        pool.checkOpen();
        if (PageLoader.pinResident(table, frames, pageId, 1) != PageLoader.Residency.PINNED) {
            new BlockingWaiter().fetch(pageId);
        }
        // Pinned is resident; only a chain that changes under the look-up can hide it for a moment.
        int frame = table.find(pageId);
        if (frame == BufferPool.MISS) {
            Sleepers.awaitSoon(threads, () -> table.find(pageId) != BufferPool.MISS);
            frame = table.find(pageId);
        }
        return frame;
    }

    void latchExclusive(int frame) {
        long latch = frames.latch(frame);
        if (!FrameLatch.tryExclusive(latch)) {
            Sleepers.awaitSoon(threads, () -> {
                pool.checkOpen();
                // A change that was cut off keeps its latches for ever (L6).
                dataFile.failures().check("latch page " + frames.pageId(frame));
                return FrameLatch.tryExclusive(latch);
            });
        }
    }

    void flushAll() {
        pool.checkOpen();
        Completion done = new Completion(threads);
        pool.requestFlush(Long.MAX_VALUE, done::complete);
        done.await();
        dataFile.failures().check("flush " + dataFile.path());
        pool.checkOpen();
    }

    private final class BlockingWaiter implements PageWaiter {
        private final Completion answered = new Completion(threads);

        void fetch(long pageId) {
            pool.fetch(pageId, this);
            answered.await();
        }

        @Override
        public void pageReady(long pageId) {
            answered.complete();
        }

        @Override
        public void pageFailed(long pageId, MillraceException cause) {
            answered.fail(cause);
        }
    }
}
