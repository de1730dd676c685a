package io.millrace.txn;

import io.millrace.buffer.BufferPool;
import io.millrace.buffer.DataFile;
import io.millrace.common.EngineLock;
import io.millrace.common.EngineThreads;
import io.millrace.error.MillraceException;
import io.millrace.error.StorageIoException;
import io.millrace.error.StoreClosedException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.collections.LongArrayList;

/**
 * Hands out free pages, those nearest to the beginning of the file first. The durable truth is the {@link SpaceMap}; this keeps a copy of its bits,
 * an own thread that refills a queue of reserved pages and grows the data file ahead of need, and nothing else. A reservation is only a promise in
 * memory: the page is taken by the mini-transaction that sets its bit. The queue is short while little is asked for, and longer the faster it empties.
 *
 * <p>A page can be used again as soon as the record that frees it is published: the record of its next use comes behind it in the log, and
 * structure changes are never undone. Whoever read the page's number before finds out: the record also changes the page that named it, whose
 * stamp such a reader compares, and the page itself, if it is in memory ({@link #free}).
 *
 * <p>{@link #reserve}, {@link #giveBack}, {@link #plan}, {@link #free} are lock-free, from any thread. A part of the queue is kept for
 * structure changes that rollback and restart need.
 *
 * <p>How the file gets shorter: {@link #sealTail}, then whoever seals moves what lies behind, then {@link #cutTail}. While the tail is sealed nothing
 * in it is handed out, unless no other page is free, which breaks the seal. Engine threads only, one at a time.
 */
public final class PageAllocator implements AutoCloseable {
    /** Told when pages are there again, or that the disk is full; on the allocator's thread, must hand over. */
    public interface PageWaiter {
        /** Try again. */
        void pagesAvailable();

        /** The data file can't grow now. */
        void refused(MillraceException cause);
    }

    private static final int MIN_READY = 64;
    private static final int MAX_READY = 256;
    private static final int KEPT_FOR_UNDO = 32;
    /** Free pages before a sealed tail, for those who write meanwhile, and one in so many of those in use. */
    private static final int SEALED_ROOM = 32;

    private static final int SEALED_SHARE = 16;
    private static final long NO_SEAL = Long.MAX_VALUE;
    /** Most pages that one mini-transaction reserves: the split of a root. */
    private static final int MOST_AT_ONCE = 2;

    private static final long RETRY_NANOS = 50_000_000;
    private static final int MIN_EXTENT_PAGES = 64;
    private static final int MAX_EXTENT_BYTES = 64 << 20;

    private final BufferPool pool;
    private final DataFile dataFile;
    private final int pageSize;
    // Held while the bits are searched, and while the size of the file changes: guards used and searchFrom.
    private final EngineLock space;
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
    // Pages of the file that nothing holds, reserved ones apart; changed with each reservation and each freeing.
    private final AtomicLong freePages = new AtomicLong();
    private int searchFrom;
    // First page of the sealed tail; written under space.
    private volatile long sealedFrom = NO_SEAL;
    // How many pages to have ready if they are free. Of the thread, after open.
    private int wantedReady = MIN_READY;

    /** An allocator that knows nothing yet; {@link #open} reads the map. */
    public PageAllocator(BufferPool pool, DataFile dataFile, EngineThreads threads) {
        this.pool = pool;
        this.dataFile = dataFile;
        this.threads = threads;
        space = new EngineLock(threads);
        pageSize = pool.pageSize();
    }

    /** Reads the space map and starts the thread. Engine threads only; after redo. */
    public void open() {
        long pages = dataFile.pageCount();
        for (long mapPage = 1; mapPage - 1 < pages; mapPage += SpaceMap.bitsPerPage(pageSize)) {
            readMapPage(mapPage, pages);
        }
        used.set(0);
        freePages.set(pages - used.get(0, Math.toIntExact(pages)).cardinality());
        refill();
        thread = threads.start("space", this::run);
    }

    private void readMapPage(long mapPage, long pages) {
        int frame = pool.pin(mapPage);
        try {
            long first = mapPage - 1;
            long last = Math.min(first + SpaceMap.bitsPerPage(pageSize), pages);
            for (long page = first; page < last; page++) {
                int bit = (int) (page - first);
                if (SpaceMap.isSet(pool.address(frame), bit)) {
                    used.set(Math.toIntExact(page));
                }
            }
            if (mapPage < pages) {
                used.set(Math.toIntExact(mapPage));
            }
        } finally {
            pool.unpinFrame(frame);
        }
    }

    /** Heads of what is pending: nobody refers to it, it is to be freed. Engine threads only, while nothing of it changes. */
    public long[] pending() {
        LongArrayList pending = new LongArrayList();
        long pages = dataFile.pageCount();
        for (long mapPage = 1; mapPage - 1 < pages; mapPage += SpaceMap.bitsPerPage(pageSize)) {
            addPending(mapPage, pages, pending);
        }
        return pending.toLongArray();
    }

    private void addPending(long mapPage, long pages, LongArrayList pending) {
        int frame = pool.pin(mapPage);
        try {
            long first = mapPage - 1;
            long last = Math.min(first + SpaceMap.bitsPerPage(pageSize), pages);
            for (long page = first; page < last; page++) {
                if (SpaceMap.isPending(pool.address(frame), pageSize, (int) (page - first))) {
                    pending.addLong(page);
                }
            }
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
        if (readyPages.get() < (KEPT_FOR_UNDO + MIN_READY) / 2) {
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
        freePages.decrementAndGet();
        return page;
    }

    /** Returns a reserved page that was not used. */
    public void giveBack(long pageId) {
        freePages.incrementAndGet();
        makeReady(pageId);
    }

    private void makeReady(long pageId) {
        if (pageId < sealedFrom) {
            ready.add(pageId);
            readyPages.incrementAndGet();
        } else {
            returned.add(pageId);
        }
    }

    /** The record that frees the page is published. */
    void freed(long pageId) {
        freePages.incrementAndGet();
        returned.add(pageId);
    }

    /** Waits for {@link #reserve} to succeed. Any thread, never blocks. */
    public void await(PageWaiter waiter) {
        waiters.add(waiter);
        wanted = true;
        threads.unpark(thread);
    }

    /** Pages of the data file that hold nothing; those reserved for a change under way are not counted. */
    public long freePages() {
        return freePages.get();
    }

    /**
     * Plans that {@code pageId} is free from the commit of {@code miniTransaction} on, and can be handed out again then. The same
     * mini-transaction must change the page that refers to this one.
     *
     * @param frame where the page lies, with the {@code stamp} the plan rests on, so that nobody who read the page before takes what he read for
     *     true; {@link BufferPool#MISS} if it is not in memory
     * @return DONE, PAGE_MISS (of the space map) or CONTENDED
     */
    public Step free(Workspace workspace, MiniTransaction miniTransaction, long pageId, int frame, long stamp) {
        if (frame != BufferPool.MISS) {
            miniTransaction.change(frame, stamp, SpaceMap.ERASE, 0);
        }
        Step step = plan(workspace, miniTransaction, SpaceMap.CLEAR, pageId);
        if (step == Step.DONE) {
            miniTransaction.frees(pageId);
        }
        return step;
    }

    /**
     * Plans the change of {@code pageId}'s bits as part of {@code miniTransaction}.
     *
     * @param operation {@link SpaceMap#SET} or {@link SpaceMap#PEND}; to free a page see {@link #free}
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
        miniTransaction.change(frame, stamp, operation, Integer.BYTES).putInt(SpaceMap.bitOf(pageId, pageSize));
        return Step.DONE;
    }

    /**
     * Plans the same change of the bits of some pages, one change for each page of the map.
     *
     * @param count how many of {@code pageIds}
     * @return DONE, PAGE_MISS or CONTENDED
     */
    public Step planAll(
            Workspace workspace, MiniTransaction miniTransaction, int operation, long[] pageIds, int count) {
        for (int i = 0; i < count; i++) {
            long mapPage = SpaceMap.mapPageOf(pageIds[i], pageSize);
            boolean sameAsBefore = i > 0 && mapPage == SpaceMap.mapPageOf(pageIds[i - 1], pageSize);
            if (!sameAsBefore && isFirstOf(mapPage, pageIds, i)) {
                Step step = planMapPage(workspace, miniTransaction, operation, mapPage, pageIds, i, count);
                if (step != Step.DONE) {
                    return step;
                }
            }
        }
        return Step.DONE;
    }

    private boolean isFirstOf(long mapPage, long[] pageIds, int index) {
        for (int i = 0; i < index; i++) {
            if (SpaceMap.mapPageOf(pageIds[i], pageSize) == mapPage) {
                return false;
            }
        }
        return true;
    }

    private Step planMapPage(
            Workspace workspace,
            MiniTransaction miniTransaction,
            int operation,
            long mapPage,
            long[] pageIds,
            int from,
            int count) {
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
        int bits = 0;
        for (int i = from; i < count; i++) {
            bits += SpaceMap.mapPageOf(pageIds[i], pageSize) == mapPage ? 1 : 0;
        }
        ChangeWriter change = miniTransaction.change(frame, stamp, operation, bits * Integer.BYTES);
        for (int i = from; i < count; i++) {
            if (SpaceMap.mapPageOf(pageIds[i], pageSize) == mapPage) {
                change.putInt(SpaceMap.bitOf(pageIds[i], pageSize));
            }
        }
        return Step.DONE;
    }

    private void run() {
        while (!closed) {
            if (readyPages.get() < KEPT_FOR_UNDO + MOST_AT_ONCE) {
                wantedReady = Math.min(MAX_READY, 2 * wantedReady);
            } else if (!wanted) {
                wantedReady = Math.max(MIN_READY, wantedReady / 2);
            }
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
        space.lock();
        try {
            takeReturned();
            MillraceException refusal = null;
            while (readyPages.get() < wantedReady && refusal == null) {
                int page = used.nextClearBit(searchFrom);
                if (page < Math.min(sealedFrom, dataFile.pageCount())) {
                    takeNext(page);
                } else if (readyPages.get() >= (isSealed() ? KEPT_FOR_UNDO + MOST_AT_ONCE : MIN_READY)) {
                    break;
                } else if (page < dataFile.pageCount()) {
                    sealedFrom = NO_SEAL;
                } else {
                    refusal = grow();
                }
            }
            return refusal;
        } finally {
            space.unlock();
        }
    }

    private void takeReturned() {
        for (Long page = returned.poll(); page != null; page = returned.poll()) {
            used.clear(Math.toIntExact(page));
            searchFrom = Math.min(searchFrom, Math.toIntExact(page));
        }
    }

    private void takeNext(int page) {
        searchFrom = page + 1;
        used.set(page);
        if (SpaceMap.isReserved(page, pageSize)) {
            freePages.decrementAndGet();
        } else {
            makeReady(page);
        }
    }

    private MillraceException grow() {
        long pages = dataFile.pageCount();
        long extent = Math.max(MIN_EXTENT_PAGES, Math.min(pages / 16, MAX_EXTENT_BYTES / pageSize));
        long target = SpaceMap.wholeFile(pages + extent, pageSize);
        try {
            dataFile.growTo(target);
            freePages.addAndGet(target - pages);
            return null;
        } catch (MillraceException refusal) {
            return refusal;
        } catch (Throwable failure) {
            dataFile.failures().fail(failure);
            return new StorageIoException("grow " + dataFile.path(), failure);
        }
    }

    /** Pages of the data file. */
    public long filePages() {
        return dataFile.pageCount();
    }

    /**
     * Seals the end of the file, as much of it as what is in use now would leave free if it lay without gaps, but for pages to be ready and some
     * room for those who write meanwhile.
     *
     * @return the first page of the sealed tail; {@link #filePages} if there is none
     */
    public long sealTail() {
        space.lock();
        try {
            takeReturned();
            List<Long> held = new ArrayList<>();
            for (Long page = ready.poll(); page != null; page = ready.poll()) {
                readyPages.decrementAndGet();
                held.add(page);
            }
            long pages = dataFile.pageCount();
            long inUse = inUse() - held.size();
            long room = MIN_READY + SEALED_ROOM + inUse / SEALED_SHARE;
            long tail = Math.min(pages, SpaceMap.wholeFile(pagesFor(inUse + room), pageSize));
            sealedFrom = tail < pages ? tail : NO_SEAL;
            held.forEach(this::makeReady);
            takeReturned();
            return tail;
        } finally {
            space.unlock();
        }
    }

    /** Pages in use or reserved, but for those of the space map and page 0. */
    private long inUse() {
        long count = used.cardinality();
        for (long page = 0; page < dataFile.pageCount(); page = nextReserved(page)) {
            count -= used.get(Math.toIntExact(page)) ? 1 : 0;
        }
        return count;
    }

    private long nextReserved(long page) {
        return page == 0 ? 1 : page + SpaceMap.bitsPerPage(pageSize);
    }

    /** How long a file must be to have room for so many pages besides its space map. */
    private long pagesFor(long count) {
        long pages = count + 1;
        long mapPages;
        do {
            mapPages = (pages + SpaceMap.bitsPerPage(pageSize) - 1) / SpaceMap.bitsPerPage(pageSize);
            pages = count + 1 + mapPages;
        } while (mapPages < (pages + SpaceMap.bitsPerPage(pageSize) - 1) / SpaceMap.bitsPerPage(pageSize));
        return pages;
    }

    /** Whether nothing of the tail has been handed out since it was sealed. */
    public boolean isSealed() {
        return sealedFrom != NO_SEAL;
    }

    /** How many pages from the beginning of the file on hold everything there is now; the others are free. */
    public long pagesInUse() {
        space.lock();
        try {
            takeReturned();
            int last = used.length() - 1;
            while (last > 1 && SpaceMap.isReserved(last, pageSize)) {
                last = used.previousSetBit(last - 1);
            }
            return SpaceMap.wholeFile(last + 1L, pageSize);
        } finally {
            space.unlock();
        }
    }

    /**
     * Cuts the sealed tail off from {@code pages} on, all of which was free when {@link #pagesInUse} was asked after sealing. Nothing in the log
     * from the restart point on may concern it.
     *
     * @param announcement makes it durable that the file may be that short; before it is
     * @return false if the seal is broken
     * @throws StorageIoException if it fails, which is final (L9)
     */
    public boolean cutTail(long pages, DataFile.Announcement announcement) {
        space.lock();
        try {
            long before = dataFile.pageCount();
            boolean whole = pages == SpaceMap.wholeFile(pages, pageSize);
            if (!isSealed() || pages < sealedFrom || pages >= before || !whole) {
                return false;
            }
            dataFile.shrinkTo(pages, announcement);
            int first = Math.toIntExact(pages);
            int reserved = used.get(first, Math.toIntExact(before)).cardinality();
            used.clear(first, Math.toIntExact(before));
            freePages.addAndGet(reserved - (before - pages));
            return true;
        } finally {
            space.unlock();
        }
    }

    /** The end of the file is like any other part of it again. */
    public void unseal() {
        space.lock();
        sealedFrom = NO_SEAL;
        space.unlock();
    }

    private void answerWaiters(MillraceException refusal) {
        // Enough for whatever may wait: with fewer it would only ask again at once.
        boolean some = readyPages.get() >= KEPT_FOR_UNDO + MOST_AT_ONCE;
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
