package io.millrace.buffer;

import io.millrace.common.EngineThreads;
import io.millrace.error.CorruptPageException;
import io.millrace.error.MillraceException;
import io.millrace.error.StorageIoException;
import io.millrace.error.StoreClosedException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.agrona.collections.Long2ObjectHashMap;

/**
 * One I/O thread: loads the pages whose hash falls to it, so that all who want a page meet here and it is read once.
 *
 * <pre>
 *  fetch --> inbox --> resident? pin, answer
 *                  \-> waiting, one entry per page, in order --> slot --> frame --> read, verify, insert, pin --> answer all
 * </pre>
 *
 * <p>A page enters the page table only when it is read and sound, so nobody ever meets a frame that is being filled. A caller may install the same
 * page meanwhile, a freed one that is used again; then the installed one stands, also if it has been written home and evicted since: what was
 * read is not believed and read again. Pages being resident are answered while a load waits for a slot or a frame.
 */
final class PageLoader implements Runnable {
    private static final long FRAME_RETRY_NANOS = 1_000_000;
    private static final long IDLE_NANOS = 1_000_000_000;

    private record Fetch(long pageId, PageWaiter waiter) {}

    private record Load(long pageId, List<PageWaiter> waiters) {}

    /** What the page table says about a page. */
    enum Residency {
        PINNED,
        ABSENT,
        BEING_INSTALLED
    }

    /** What loaders share. */
    record Shared(
            DataFile dataFile,
            FrameTable frames,
            FrameMemory memory,
            PageTable table,
            FrameSupply supply,
            LoadSlots slots,
            PoolCounters counters,
            LongSupplier endOfLog,
            EngineThreads threads) {}

    private final Shared pool;
    // Also polled by callers after the end of the thread, so several consumers.
    private final Queue<Fetch> inbox = new ConcurrentLinkedQueue<>();
    private final Deque<Load> waiting = new ArrayDeque<>();
    private final Long2ObjectHashMap<Load> byPage = new Long2ObjectHashMap<>();
    private final FrameMemory.Views views;
    private final Doorbell bell;
    // Set by whoever gives a slot back, cleared here.
    private volatile boolean slotGranted;
    private boolean slotRequested;
    private boolean waitsForFrame;
    private boolean waitsForInstaller;
    // Written here, read by statistics.
    private volatile int waitingCount;
    private volatile boolean closed;
    // Set when the last look into the inbox is behind us.
    private volatile boolean ended;

    PageLoader(Shared pool) {
        this.pool = pool;
        views = pool.memory().new Views();
        bell = new Doorbell(pool.threads());
    }

    /** Any thread, lock-free. */
    void fetch(long pageId, PageWaiter waiter) {
        inbox.offer(new Fetch(pageId, waiter));
        bell.ring();
        if (ended) {
            refuseRest();
        }
    }

    void slotGranted() {
        slotGranted = true;
        bell.ring();
    }

    void ring() {
        bell.ring();
    }

    @Override
    public void run() {
        bell.owner(Thread.currentThread());
        while (!closed) {
            sortInbox();
            boolean progress = serveNext();
            waitingCount = waiting.size();
            if (!progress && inbox.isEmpty()) {
                bell.await(waitsForFrame || waitsForInstaller ? FRAME_RETRY_NANOS : IDLE_NANOS);
            }
        }
        if (waitsForFrame) {
            pool.supply().loadWaits(-1);
        }
        for (Load load : waiting) {
            fail(load, closedError());
        }
        ended = true;
        refuseRest();
    }

    int waitingCount() {
        return waitingCount;
    }

    void close() {
        closed = true;
        bell.ring();
    }

    private MillraceException closedError() {
        return new StoreClosedException(pool.dataFile().path());
    }

    private void refuseRest() {
        for (Fetch fetch = inbox.poll(); fetch != null; fetch = inbox.poll()) {
            fail(new Load(fetch.pageId(), List.of(fetch.waiter())), closedError());
        }
    }

    private void sortInbox() {
        for (Fetch fetch = inbox.poll(); fetch != null; fetch = inbox.poll()) {
            Load load = byPage.get(fetch.pageId());
            if (load == null && pinResident(fetch.pageId(), 1) == Residency.PINNED) {
                ready(fetch.pageId(), fetch.waiter());
                continue;
            }
            if (load == null) {
                load = new Load(fetch.pageId(), new ArrayList<>());
                byPage.put(fetch.pageId(), load);
                waiting.add(load);
            }
            load.waiters().add(fetch.waiter());
        }
    }

    /** Tries to finish the load that waits longest; false if there is none or it must wait on. */
    private boolean serveNext() {
        Load load = waiting.peek();
        if (load == null) {
            dropSlot();
            return false;
        }
        // Before the look into the page table: whoever installs the page after that look also counts after this.
        int installs = pool.table().installs(load.pageId());
        Residency residency = pinResident(load.pageId(), load.waiters().size());
        waitsForInstaller = residency == Residency.BEING_INSTALLED;
        if (residency == Residency.PINNED) {
            finish(load);
            answer(load);
            return true;
        }
        if (residency == Residency.BEING_INSTALLED) {
            return passOver(load);
        }
        return takeSlot() && read(load, installs);
    }

    /** An installer decides within its mini-transaction whether the page stays; meanwhile the others go first. */
    private boolean passOver(Load load) {
        Throwable poison = pool.dataFile().failures().cause();
        if (poison != null) {
            // The installer may have died with its latch (L6).
            finish(load);
            fail(load, new StorageIoException("load page " + load.pageId() + ", a change of it was cut off", poison));
            return true;
        }
        waiting.remove();
        waiting.add(load);
        return waiting.size() > 1;
    }

    private boolean takeSlot() {
        if (!slotGranted && !slotRequested) {
            slotRequested = true;
            pool.slots().request(this);
        }
        return slotGranted;
    }

    private void dropSlot() {
        if (slotGranted) {
            slotGranted = false;
            slotRequested = false;
            pool.slots().release();
        }
    }

    private boolean read(Load load, int installs) {
        int frame = pool.supply().take();
        waitForFrame(frame == FrameLayout.NONE);
        if (frame == FrameLayout.NONE) {
            Throwable poison = pool.dataFile().failures().cause();
            if (poison == null || pool.memory().canGrow()) {
                return false;
            }
            finish(load);
            fail(load, new StorageIoException("load page " + load.pageId() + ", no frame can be cleaned", poison));
            return true;
        }
        pool.counters().misses.incrementAndGet();
        MillraceException failure = fill(frame, load.pageId());
        // Whoever asked while we were reading gets this answer, too.
        sortInbox();
        if (failure != null && installs == pool.table().installs(load.pageId())) {
            finish(load);
            pool.supply().giveBack(frame);
            fail(load, failure);
            return true;
        }
        pool.counters().pagesRead.incrementAndGet();
        if (failure == null && insert(frame, load, installs)) {
            finish(load);
            answer(load);
        } else {
            pool.supply().giveBack(frame);
        }
        return true;
    }

    private void waitForFrame(boolean wait) {
        if (wait != waitsForFrame) {
            waitsForFrame = wait;
            pool.supply().loadWaits(wait ? 1 : -1);
        }
    }

    /** Reads and verifies; what is wrong, or null. The frame is latched and known to nobody else. */
    private MillraceException fill(int frame, long pageId) {
        DataFile file = pool.dataFile();
        try {
            ByteBuffer view = views.of(frame);
            int offset = view.position();
            file.read(pageId, view);
            CorruptPageException corrupt = PageVerifier.verify(file.path(), pageId, view, offset, file.pageSize());
            return corrupt == null ? checkLsn(frame, pageId) : counted(corrupt);
        } catch (MillraceException failure) {
            return failure;
        } catch (Throwable failure) {
            // This thread serves others, too: whatever it is, only those who wait for this page get it.
            return new StorageIoException("load page " + pageId + " of " + file.path(), failure);
        }
    }

    /** A page from behind the end of the log proves that durable log is missing (L10): the store is poisoned. */
    private MillraceException checkLsn(int frame, long pageId) {
        long pageLsn = PageLayout.pageLsn(pool.memory().address(frame));
        if (pageLsn == 0) {
            return null;
        }
        long end = pool.endOfLog().getAsLong();
        if (pageLsn <= end) {
            return null;
        }
        CorruptPageException corrupt = new CorruptPageException(
                pool.dataFile().path(), pageId, pageLsn, "its LSN lies beyond the end of the log, " + end);
        pool.dataFile().failures().fail(corrupt);
        return counted(corrupt);
    }

    private CorruptPageException counted(CorruptPageException corrupt) {
        pool.counters().corruptPages.incrementAndGet();
        return corrupt;
    }

    /** Makes the page resident and pins it; the slot goes with the pins. False if a caller has installed the page meanwhile. */
    private boolean insert(int frame, Load load, int installs) {
        ReentrantLock stripe = pool.table().stripe(load.pageId());
        stripe.lock();
        try {
            if (pool.table().findLocked(load.pageId()) != FrameLayout.NONE
                    || pool.table().installs(load.pageId()) != installs) {
                return false;
            }
            pool.table().insert(frame, load.pageId());
            pin(frame, load.waiters().size(), true);
        } finally {
            stripe.unlock();
        }
        slotGranted = false;
        slotRequested = false;
        pool.frames().recent(frame, FrameTable.USED);
        pool.counters().cachedPages.incrementAndGet();
        FrameLatch.releaseExclusive(pool.frames().latch(frame));
        return true;
    }

    private Residency pinResident(long pageId, int pins) {
        return PageLoader.pinResident(pool.table(), pool.frames(), pageId, pins);
    }

    /** Pins a page if it is resident for good. Engine threads. */
    static Residency pinResident(PageTable table, FrameTable frames, long pageId, int pins) {
        ReentrantLock stripe = table.stripe(pageId);
        stripe.lock();
        try {
            int frame = table.findLocked(pageId);
            if (frame == FrameLayout.NONE) {
                return Residency.ABSENT;
            }
            if (frames.isFresh(frame)) {
                return Residency.BEING_INSTALLED;
            }
            if (frames.pageId(frame) != pageId) {
                // Discarded this moment.
                return Residency.ABSENT;
            }
            for (int i = 0; i < pins; i++) {
                frames.pin(frame, false);
            }
            return Residency.PINNED;
        } finally {
            stripe.unlock();
        }
    }

    private void pin(int frame, int pins, boolean withSlot) {
        for (int i = 0; i < pins; i++) {
            pool.frames().pin(frame, withSlot);
        }
    }

    private void finish(Load load) {
        waitForFrame(false);
        waiting.remove(load);
        byPage.remove(load.pageId());
    }

    private void answer(Load load) {
        for (PageWaiter waiter : load.waiters()) {
            ready(load.pageId(), waiter);
        }
    }

    private void ready(long pageId, PageWaiter waiter) {
        Callbacks.run(() -> waiter.pageReady(pageId));
    }

    private void fail(Load load, MillraceException cause) {
        for (PageWaiter waiter : load.waiters()) {
            Callbacks.run(() -> waiter.pageFailed(load.pageId(), cause));
        }
    }
}
