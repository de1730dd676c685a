package io.millrace.buffer;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Second-chance eviction. A victim is unpinned, clean, not being written, and nobody holds its latch: that is tried, never waited for. Inner nodes
 * get one more lap than other pages. Engine threads only, any number at once.
 */
final class Clock {
    private static final int LAPS = 3;
    private static final int DIRTY_SHARE = 4;

    private final FrameTable frames;
    private final FrameMemory memory;
    private final PageTable table;
    private final PoolCounters counters;
    private final WriteFailures failures;
    private final AtomicLong hand = new AtomicLong();

    Clock(FrameTable frames, FrameMemory memory, PageTable table, PoolCounters counters, WriteFailures failures) {
        this.frames = frames;
        this.memory = memory;
        this.table = table;
        this.counters = counters;
        this.failures = failures;
    }

    /** Takes a frame from its page; {@link FrameLayout#NONE} if there is no victim now. */
    int evict() {
        int ready = memory.readyFrames();
        if (frames.dirtyCount() >= counters.cachedPages.get()) {
            return FrameLayout.NONE;
        }
        // While pages can be cleaned, a leaf goes before any inner node: clean ones are few because dirty leaves are
        // many, not because the
        // pool is full of inner nodes.
        boolean innerToo =
                failures.isPoisoned() || frames.dirtyCount() * (long) DIRTY_SHARE < counters.cachedPages.get();
        for (long step = (long) LAPS * ready; step > 0; step--) {
            int frame = (int) (hand.getAndIncrement() % ready);
            if (isCandidate(frame) && (innerToo || !isInner(frame)) && !hadItsChance(frame) && take(frame)) {
                counters.evictions.incrementAndGet();
                return frame;
            }
        }
        return FrameLayout.NONE;
    }

    /** A peek at the kind without the latch: a wrong answer costs a lap. */
    private boolean isInner(int frame) {
        return PageLayout.kind(memory.address(frame)) == PageLayout.KIND_INNER;
    }

    private boolean isCandidate(int frame) {
        return frames.pageId(frame) != FrameLayout.NO_PAGE && isIdle(frame);
    }

    private boolean isIdle(int frame) {
        return frames.recLsn(frame) == 0 && !frames.isWriting(frame) && !frames.isPinned(frame);
    }

    /** True if the frame is spared this time. */
    private boolean hadItsChance(int frame) {
        int recent = frames.recent(frame);
        if (recent == 0) {
            return false;
        }
        frames.recent(frame, (recent & FrameTable.USED) != 0 && isInner(frame) ? FrameTable.SECOND_LAP : 0);
        return true;
    }

    private boolean take(int frame) {
        long pageId = frames.pageId(frame);
        if (pageId == FrameLayout.NO_PAGE) {
            return false;
        }
        ReentrantLock stripe = table.stripe(pageId);
        stripe.lock();
        try {
            // Pins go up under the stripe lock only; dirty is decided under the exclusive latch.
            if (frames.pageId(frame) != pageId
                    || frames.isPinned(frame)
                    || !FrameLatch.tryExclusive(frames.latch(frame))) {
                return false;
            }
            if (frames.pageId(frame) != pageId || !isIdle(frame)) {
                FrameLatch.releaseUnchanged(frames.latch(frame));
                return false;
            }
            table.remove(frame);
            counters.cachedPages.decrementAndGet();
        } finally {
            stripe.unlock();
        }
        FrameLatch.releaseExclusive(frames.latch(frame));
        return true;
    }
}
