package io.millrace.buffer;

import io.millrace.common.EngineThreads;
import io.millrace.common.Memory;
import io.millrace.error.StorageIoException;
import io.millrace.error.StoreClosedException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * Pages in memory: frames off-heap, found without a lock, read without a pin, evicted, loaded and written back by threads of its own.
 *
 * <p>How a page is read, on any thread; nothing is written to shared memory when it was touched before:
 *
 * <pre>{@code
 * int frame = pool.frameOf(pageId);
 * if (frame == BufferPool.MISS) -> fetch(pageId, waiter), come back later
 * long stamp = pool.stamp(frame);
 * if (stamp == 0 || pool.pageIdOf(frame) != pageId) -> again
 * pool.touch(frame);
 * ... read from pool.address(frame), distrusting every length and offset (L8) ...
 * if (!pool.validate(frame, stamp)) -> again
 * }</pre>
 *
 * <p>How it is changed: {@link #tryExclusive} from the stamp of the read, {@link #markDirty} between claim and publish, the edit,
 * {@link #releaseExclusive}.
 *
 * <p>Threads: {@code frameOf} to {@code markDirty} are wait-free and allocate nothing; {@link #tryInstall}, {@link #discard}, {@link #fetch},
 * {@link #unpin}, {@link #awaitFreeFrame}, {@link #requestFlush} never block; the rest is for engine threads (L7, L12).
 *
 * <p>Life cycle: open to close. Whatever may wait or change a page after close fails with {@link StoreClosedException}. Frames are given back with
 * the pool object, so a straggling reader meets stale bytes, never freed memory.
 */
public final class BufferPool implements AutoCloseable {
    /** Of {@link #frameOf}: not resident, as far as can be seen without a lock. */
    public static final int MISS = FrameLayout.NONE;
    /** Of {@link #tryInstall}: see {@link #awaitFreeFrame}. */
    public static final int NO_FREE_FRAME = -2;
    /** Of {@link #tryInstall}: somebody is in the way, try again. */
    public static final int BUSY = -3;

    /** One frame in so many may be pinned by loads whose waiters have not run yet. */
    private static final int LOAD_SHARE = 6;

    private static final int UNPIN_TRIES = 10_000;

    private final DataFile dataFile;
    private final FrameTable frames;
    private final FrameMemory memory;
    private final PageTable table;
    private final FrameSupply supply;
    private final LoadSlots slots;
    private final PoolCounters counters = new PoolCounters();
    private final BlockingAccess blocking;
    private final PageLoader[] loaders;
    private final PageCleaner[] cleaners;
    private final EngineThreads threads;
    private final List<Thread> started = new ArrayList<>();
    private final int pageSize;
    private final int dirtyThreshold;
    private final long bufferBytes;
    private volatile boolean closed;

    private BufferPool(
            BufferPoolOptions options,
            DataFile dataFile,
            DoubleWriteArea doubleWrite,
            WriteAheadBarrier barrier,
            LongSupplier endOfLog) {
        this.dataFile = dataFile;
        threads = options.threads();
        pageSize = options.pageSizeBytes();
        int count = options.frameCount();
        frames = new FrameTable(count);
        memory = new FrameMemory(count, pageSize);
        table = new PageTable(frames, options.stripes());
        supply = new FrameSupply(
                frames,
                memory,
                table,
                new Clock(frames, memory, table, counters, dataFile.failures()),
                dataFile.failures(),
                threads);
        blocking = new BlockingAccess(this, table, frames, dataFile, threads);
        slots = new LoadSlots(Math.max(1, count / LOAD_SHARE));
        dirtyThreshold = PageCleaner.dirtyThreshold(count);
        bufferBytes = options.cleaners() * WriteBatch.bytes(PageCleaner.batchPages(count), pageSize);
        loaders = new PageLoader[options.ioThreads()];
        PageLoader.Shared forLoaders =
                new PageLoader.Shared(dataFile, frames, memory, table, supply, slots, counters, endOfLog, threads);
        for (int i = 0; i < loaders.length; i++) {
            loaders[i] = new PageLoader(forLoaders);
        }
        cleaners = new PageCleaner[options.cleaners()];
        PageCleaner.Shared forCleaners =
                new PageCleaner.Shared(dataFile, doubleWrite, barrier, frames, memory, supply, counters, threads);
        for (int i = 0; i < cleaners.length; i++) {
            cleaners[i] = new PageCleaner(forCleaners, (int) ((long) count * i / cleaners.length));
        }
    }

    /**
     * Allocates the first chunk of frames and starts the threads. Engine threads only.
     *
     * @param doubleWrite null if the device writes pages atomically
     * @param barrier the log, as far as the pool knows it (L1)
     * @param endOfLog highest LSN any page may carry; a page beyond it poisons the store (L10)
     * @throws io.millrace.error.InvalidConfigurationException if the JVM does not allow so much direct memory
     */
    public static BufferPool open(
            BufferPoolOptions options,
            DataFile dataFile,
            DoubleWriteArea doubleWrite,
            WriteAheadBarrier barrier,
            LongSupplier endOfLog) {
        if (dataFile.pageSize() != options.pageSizeBytes()) {
            throw new IllegalArgumentException(
                    "page size " + options.pageSizeBytes() + " but " + dataFile.pageSize() + " in " + dataFile.path());
        }
        FrameMemory.checkBudget(options.sizeBytes(), neededBytes(options));
        BufferPool pool = new BufferPool(options, dataFile, doubleWrite, barrier, endOfLog);
        pool.start();
        return pool;
    }

    /** Frames, their descriptors, the page table's buckets and alignment, the cleaners' buffers. */
    static long neededBytes(BufferPoolOptions options) {
        long count = options.frameCount();
        long perFrame = options.pageSizeBytes() + FrameLayout.SIZE + 4L * Integer.BYTES;
        long chunks = 1 + count * options.pageSizeBytes() / FrameMemory.MAX_CHUNK_BYTES;
        return count * perFrame
                + chunks * options.pageSizeBytes()
                + options.cleaners() * WriteBatch.bytes(PageCleaner.batchPages((int) count), options.pageSizeBytes());
    }

    private void start() {
        supply.grow();
        supply.bells(this::ringCleaners, this::ringLoaders);
        started.add(threads.start("evict", supply));
        for (int i = 0; i < loaders.length; i++) {
            started.add(threads.start("io-" + i, loaders[i]));
        }
        for (int i = 0; i < cleaners.length; i++) {
            started.add(threads.start("cleaner-" + i, cleaners[i]));
        }
    }

    private void ringCleaners() {
        for (PageCleaner cleaner : cleaners) {
            cleaner.ring();
        }
    }

    private void ringLoaders() {
        for (PageLoader loader : loaders) {
            loader.ring();
        }
    }

    // --- any thread, wait-free

    /** The frame that seems to hold the page, or {@link #MISS}: a hint. Take the stamp and compare {@link #pageIdOf}. */
    public int frameOf(long pageId) {
        return table.find(pageId);
    }

    /** The page in a frame; it changes only under the exclusive latch. -1: none. */
    public long pageIdOf(int frame) {
        return frames.pageId(frame);
    }

    /** Where the frame's page begins in memory. */
    public long address(int frame) {
        return memory.address(frame);
    }

    public int pageSize() {
        return pageSize;
    }

    public int frameCount() {
        return frames.count();
    }

    /** A stamp for optimistic reading, never 0; 0 if the frame is latched exclusively and stays so for a moment. */
    public long stamp(int frame) {
        return FrameLatch.stamp(frames.latch(frame));
    }

    /** Whether everything read from the frame since {@code stamp} is true. */
    public boolean validate(int frame, long stamp) {
        return FrameLatch.validate(frames.latch(frame), stamp);
    }

    /** Latches exclusively if nothing has changed since {@code stamp} and nobody holds the latch in any mode. */
    public boolean tryExclusive(int frame, long stamp) {
        return FrameLatch.tryUpgrade(frames.latch(frame), stamp);
    }

    /** Unlatches a changed page: all stamps are void. */
    public void releaseExclusive(int frame) {
        if (frames.isFresh(frame)) {
            frames.fresh(frame, false);
        }
        FrameLatch.releaseExclusive(frames.latch(frame));
    }

    /** Unlatches a page of which nothing was changed: stamps stay true. */
    public void releaseUnchanged(int frame) {
        if (frames.isFresh(frame)) {
            frames.fresh(frame, false);
        }
        FrameLatch.releaseUnchanged(frames.latch(frame));
    }

    /** Remembers the use for eviction; writes only if that is news. */
    public void touch(int frame) {
        frames.touch(frame);
    }

    /** Under the exclusive latch, after the claim of {@code lsn} and before its publish (D7): the page is going to change. */
    public void markDirty(int frame, long lsn) {
        if (frames.markDirty(frame, lsn) == dirtyThreshold) {
            ringCleaners();
        }
    }

    // --- any thread, never blocks

    /**
     * A frame, latched exclusively, for a page about to be formatted: as it is if resident, else fresh and zeroed; nothing is read from disk. End
     * with {@link #releaseExclusive} or {@link #discard}.
     *
     * @return the frame, {@link #NO_FREE_FRAME} or {@link #BUSY}
     * @throws StorageIoException if no frame will ever be free again because writing back has failed (L9)
     */
    public int tryInstall(long pageId) {
        checkOpen();
        int resident = table.find(pageId);
        if (resident != MISS) {
            return latchResident(resident, pageId);
        }
        int frame = supply.tryTake();
        if (frame == FrameLayout.NONE) {
            Throwable poison = dataFile.failures().cause();
            if (poison != null) {
                throw new StorageIoException("install page " + pageId + ", no frame can be cleaned", poison);
            }
            return NO_FREE_FRAME;
        }
        Memory.setMemory(memory.address(frame), pageSize, (byte) 0);
        ReentrantLock stripe = table.stripe(pageId);
        if (stripe.tryLock()) {
            try {
                if (table.findLocked(pageId) == FrameLayout.NONE) {
                    frames.fresh(frame, true);
                    frames.recent(frame, FrameTable.USED);
                    table.install(frame, pageId);
                    counters.cachedPages.incrementAndGet();
                    return frame;
                }
            } finally {
                stripe.unlock();
            }
        }
        supply.giveBack(frame);
        return BUSY;
    }

    private int latchResident(int frame, long pageId) {
        long stamp = stamp(frame);
        // The stamp was taken before the page id was compared, so the latch proves that it is still that page.
        if (stamp != 0 && frames.pageId(frame) == pageId && tryExclusive(frame, stamp)) {
            frames.touch(frame);
            return frame;
        }
        return BUSY;
    }

    /** Gives back what {@link #tryInstall} returned, unchanged: a fresh frame becomes free again, a resident page stays. */
    public void discard(int frame) {
        if (frames.isFresh(frame)) {
            counters.cachedPages.decrementAndGet();
            supply.discard(frame);
        } else {
            FrameLatch.releaseUnchanged(frames.latch(frame));
        }
    }

    /**
     * Loads a page if need be and pins it for this waiter until {@link #unpin}. One load per page however many wait. The answer comes on an I/O
     * thread, or at once on this one if the pool is closed.
     */
    public void fetch(long pageId, PageWaiter waiter) {
        loaders[loaderOf(pageId)].fetch(pageId, waiter);
    }

    private int loaderOf(long pageId) {
        long hash = pageId * 0xD6E8_FEB8_6659_FD93L;
        return (int) ((hash >>> 33) % loaders.length);
    }

    /** Takes one pin of {@link #fetch} away: the waiter has run once since. */
    public void unpin(long pageId) {
        // A pinned page is resident; only a chain that changes under the look-up can hide it for a moment.
        for (int i = 0; i < UNPIN_TRIES; i++) {
            int frame = table.find(pageId);
            if (frame != MISS) {
                unpinFrame(frame);
                return;
            }
        }
        throw new IllegalStateException("page " + pageId + " is not pinned");
    }

    /** Takes one pin away from a frame. */
    public void unpinFrame(int frame) {
        if (frames.unpin(frame)) {
            slots.release();
        }
        if (!frames.isPinned(frame)) {
            supply.framesAvailable();
        }
    }

    /** Runs the waiter, on a thread of the pool that must not be held up, when {@link #tryInstall} is worth another try. */
    public void awaitFreeFrame(Runnable waiter) {
        checkOpen();
        supply.await(waiter);
    }

    /**
     * Asks for every page with a recLSN below {@code upToRecLsn} to be written home and forced. {@code done} runs on a cleaner thread when that is
     * so, or when it can't be any more (failure, close): {@link #minRecLsn} tells.
     */
    public void requestFlush(long upToRecLsn, Runnable done) {
        cleaners[0].requestFlush(upToRecLsn, done);
    }

    /** Pages the data file has for certain, as far as this run knows: see {@link DataFile#grownPages}. */
    public long grownPages() {
        return dataFile.grownPages();
    }

    /** Oldest recLSN of all dirty pages, those being written included; {@link Long#MAX_VALUE} if all are clean. */
    public long minRecLsn() {
        return frames.minRecLsn();
    }

    /** Highest page LSN that this pool has written home; 0 if none. */
    public long highestPageLsnWritten() {
        return counters.highestPageLsnWritten.get();
    }

    /** Counters as of now. */
    public BufferPoolStats stats() {
        int waitingLoads = 0;
        for (PageLoader loader : loaders) {
            waitingLoads += loader.waitingCount();
        }
        return new BufferPoolStats(
                counters.misses.get(),
                counters.pagesRead.get(),
                counters.corruptPages.get(),
                counters.evictions.get(),
                counters.pagesWritten.get(),
                frames.dirtyCount(),
                counters.cachedPages.get(),
                supply.freeCount(),
                frames.count(),
                waitingLoads,
                memory.bytes() + frames.bytes() + table.bytes() + bufferBytes);
    }

    /** Resident frames that are pinned or latched exclusively at the moment they are looked at, each of them: for checks. */
    public int heldFrames() {
        int held = 0;
        for (int frame = 0; frame < frames.count(); frame++) {
            boolean latched =
                    frames.pageId(frame) != FrameLayout.NO_PAGE && FrameLatch.isExclusive(frames.latch(frame));
            held += latched || frames.isPinned(frame) ? 1 : 0;
        }
        return held;
    }

    // --- engine threads

    /**
     * Pins a page, loading it if need be, and waits for that.
     *
     * @return its frame, until {@link #unpinFrame}
     */
    public int pin(long pageId) {
        return blocking.pin(pageId);
    }

    /** Latches a pinned frame exclusively, waiting for it. */
    public void latchExclusive(int frame) {
        blocking.latchExclusive(frame);
    }

    /**
     * Writes back everything that is dirty now and returns when it is forced.
     *
     * @throws StorageIoException if that failed, now or before
     */
    public void flushAll() {
        blocking.flushAll();
    }

    void checkOpen() {
        if (closed) {
            throw new StoreClosedException(dataFile.path());
        }
    }

    /** Ends the threads without writing anything back; who waits is told. Idempotent. The files stay open, they belong to others. */
    @Override
    public void close() {
        closed = true;
        for (PageLoader loader : loaders) {
            loader.close();
        }
        for (PageCleaner cleaner : cleaners) {
            cleaner.close();
        }
        supply.close();
        started.forEach(threads::join);
    }
}
