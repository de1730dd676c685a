package io.millrace.recovery;

import io.millrace.buffer.BufferPool;
import io.millrace.buffer.PageWaiter;
import io.millrace.error.MillraceException;

/**
 * Asks the pool for pages that redo will need soon, so that a data set larger than memory is read by all I/O threads at once and not one page at a
 * time. A hint: the page is not kept pinned, so it can not stop anybody, and whoever needs it loads it himself if it has gone again or is
 * damaged.
 */
final class ReadAhead implements PageWaiter {
    private static final int FRAME_SHARE = 8;
    private static final int MAX_PAGES = 64;

    private final BufferPool pool;
    private final int pages;

    /** For one of {@code workers}. */
    ReadAhead(BufferPool pool, int workers) {
        this.pool = pool;
        pages = Math.max(1, Math.min(MAX_PAGES, pool.frameCount() / FRAME_SHARE / workers));
    }

    /** How many pages to look ahead: so few that what was read ahead is still there when its turn comes. */
    int pages() {
        return pages;
    }

    /** The page will be needed soon. */
    void want(long pageId) {
        if (pool.frameOf(pageId) == BufferPool.MISS) {
            pool.fetch(pageId, this);
        }
    }

    @Override
    public void pageReady(long pageId) {
        pool.unpin(pageId);
    }

    @Override
    public void pageFailed(long pageId, MillraceException cause) {
        // The worker will meet the same failure, where it counts.
    }
}
