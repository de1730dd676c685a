package io.millrace.buffer;

import io.millrace.error.MillraceException;

/**
 * Waits for one page, see {@link BufferPool#fetch}. Exactly one of the two is called, once, on an I/O thread of the pool: only hand over to
 * another thread there, every other load of that thread waits meanwhile.
 */
public interface PageWaiter {
    /** The page is resident and pinned for this waiter; call {@link BufferPool#unpin} after the next try. */
    void pageReady(long pageId);

    /** The page can't be had. Nothing is pinned. */
    void pageFailed(long pageId, MillraceException cause);
}
