package io.millrace.txn;

import io.millrace.buffer.BufferPool;
import io.millrace.buffer.DataFile;
import io.millrace.common.EngineThreads;
import io.millrace.error.MillraceException;
import io.millrace.error.StorageIoException;
import io.millrace.error.StoreClosedException;
import java.util.BitSet;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Hands out free pages. The durable truth is the {@link SpaceMap}; this keeps a copy of its bits, an own thread that refills a queue of
 * reserved pages and grows the data file ahead of need, and nothing else. A reservation is only a promise in memory: the page is taken by the
 * mini-transaction that sets its bit.
 *
 * <p>{@link #reserve}, {@link #giveBack}, {@link #freed} are lock-free, from any thread. A part of the queue is kept for structure changes
 * that rollback and restart need.
 */
public final class PageAllocator implements AutoCloseable {
    /** Told when pages are there again, or that the disk is full; on the allocator's thread, must hand over. */
    public interface PageWaiter {
        /** Try again. */
        void pagesAvailable();

        /** The data file can't grow now. */
        void refused(MillraceException cause);
    }

    private static final int READY = 256;
    private static final int KEPT_FOR_UNDO = 32;
    private static final long RETRY_NANOS = 50_000_000;
    private static final int MIN_EXTENT_PAGES = 64;
    private static final int MAX_EXTENT_BYTES = 64 << 20;

    private final BufferPool pool;
    private final DataFile dataFile;
    private final int pageSize;
    private final BitSet used = new BitSet();
    private final Queue<Long> ready = new ConcurrentLinkedQueue<>();
    // Follows the queue closely.
    private final AtomicInteger readyPages = new AtomicInteger();
    private final Queue<Long> returned = new ConcurrentLinkedQueue<>();
    private final Queue<PageWaiter> waiters = new ConcurrentLinkedQueue<>();
    private final EngineThreads threads;
    private volatile Thread thread;
    private volatile boolean closed;
    private volatile boolean wanted;
    private volatile long freePages;
    private int searchFrom;

    /** An allocator that knows nothing yet; {@link #open} reads the map. */
    public PageAllocator(BufferPool pool, DataFile dataFile, EngineThreads threads) {
        this.pool = pool;
        this.dataFile = dataFile;
        this.threads = threads;
        pageSize = pool.pageSize();
    }

    /** Reads the space map and starts the thread. Engine threads only; after redo. */
    public void open() {
        long pages = dataFile.pageCount();
        for (long mapPage = 1; mapPage < pages; mapPage += SpaceMap.bitsPerPage(pageSize)) {
            readMapPage(mapPage, pages);
        }
        used.set(0);
        refill();
        thread = threads.start("space", this::run);
    }

    private void readMapPage(long mapPage, long pages) {
        int frame = pool.pin(mapPage);
        try {
            long first = mapPage - 1;
            long last = Math.min(first + SpaceMap.bitsPerPage(pageSize), pages);
            for (long page = first; page < last; page++) {
                if (SpaceMap.isSet(pool.address(frame), (int) (page - first))) {
                    used.set(Math.toIntExact(page));
                }
            }
            used.set(Math.toIntExact(mapPage));
        } finally {
            pool.unpinFrame(frame);
        }
    }

    /**
     * Reserves a free page.
     *
     * @param forUndo rollback and restart may take the last ones
     * @return the page, or 0 if none is ready (wait with {@link #await})
     */
    public long reserve(boolean forUndo) {
        if (readyPages.get() < READY / 2) {
            wanted = true;
            threads.unpark(thread);
        }
        if (!forUndo && readyPages.get() <= KEPT_FOR_UNDO) {
            return 0;
        }
        Long page = ready.poll();
        if (page == null) {
            return 0;
        }
        readyPages.decrementAndGet();
        return page;
    }

    /** Returns a reserved page that was not used. */
    public void giveBack(long pageId) {
        ready.add(pageId);
        readyPages.incrementAndGet();
    }

    /** A page's bit has been cleared: it may be handed out again. */
    public void freed(long pageId) {
        returned.add(pageId);
    }

    /** Waits for {@link #reserve} to succeed. Any thread, never blocks. */
    public void await(PageWaiter waiter) {
        waiters.add(waiter);
        wanted = true;
        threads.unpark(thread);
    }

    /** Pages of the data file that are not in use. */
    public long freePages() {
        return freePages;
    }

    /**
     * Plans the change of {@code pageId}'s bit as part of {@code miniTransaction}.
     *
     * @param operation {@link SpaceMap#SET} or {@link SpaceMap#CLEAR}
     * @return DONE, PAGE_MISS or CONTENDED
     */
    public Step plan(Workspace workspace, MiniTransaction miniTransaction, int operation, long pageId) {
        long mapPage = SpaceMap.mapPageOf(pageId, pageSize);
        int frame = pool.frameOf(mapPage);
        if (frame == BufferPool.MISS) {
            workspace.missedPage = mapPage;
            return Step.PAGE_MISS;
        }
        long stamp = pool.stamp(frame);
        if (stamp == 0 || pool.pageIdOf(frame) != mapPage) {
            return Step.CONTENDED;
        }
        pool.touch(frame);
        miniTransaction.change(frame, stamp, operation, SpaceMap.BODY_LENGTH).putInt(SpaceMap.bitOf(pageId, pageSize));
        return Step.DONE;
    }

    private void run() {
        while (!closed) {
            wanted = false;
            MillraceException refusal = refill();
            answerWaiters(refusal);
            if (!wanted && !closed) {
                threads.park(this, RETRY_NANOS);
            }
        }
        answerWaiters(new StoreClosedException(dataFile.path()));
    }

    private MillraceException refill() {
        for (Long page = returned.poll(); page != null; page = returned.poll()) {
            used.clear(Math.toIntExact(page));
            searchFrom = Math.min(searchFrom, Math.toIntExact(page));
        }
        MillraceException refusal = null;
        while (readyPages.get() < READY - 1 && refusal == null) {
            int page = used.nextClearBit(searchFrom);
            if (page >= dataFile.pageCount()) {
                refusal = grow();
            } else {
                searchFrom = page + 1;
                used.set(page);
                if (!SpaceMap.isReserved(page, pageSize)) {
                    giveBack(page);
                }
            }
        }
        freePages = dataFile.pageCount() - used.cardinality() + readyPages.get();
        return refusal;
    }

    private MillraceException grow() {
        long pages = dataFile.pageCount();
        long target = pages + Math.max(MIN_EXTENT_PAGES, Math.min(pages / 8, MAX_EXTENT_BYTES / pageSize));
        try {
            dataFile.growTo(target);
            return null;
        } catch (MillraceException refusal) {
            return refusal;
        } catch (Throwable failure) {
            dataFile.failures().fail(failure);
            return new StorageIoException("grow " + dataFile.path(), failure);
        }
    }

    private void answerWaiters(MillraceException refusal) {
        boolean some = readyPages.get() > KEPT_FOR_UNDO;
        for (PageWaiter waiter = waiters.poll(); waiter != null; waiter = waiters.poll()) {
            if (refusal == null || some) {
                waiter.pagesAvailable();
            } else {
                waiter.refused(refusal);
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        threads.unpark(thread);
        threads.join(thread);
    }
}
