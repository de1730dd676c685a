package io.millrace.buffer;

import io.millrace.common.EngineThreads;
import io.millrace.common.Sleepers;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Free frames: a lock-free stack, and a thread of its own that keeps it filled ahead of need - first from memory not yet allocated, then by
 * eviction - and calls back those who wait.
 *
 * <p>Who comes first: a load that waits for a frame goes before callers who want to install a page ({@link #tryTake} leaves a frame per waiting
 * load), because operations in flight hang on it. If there is no victim, the cleaner is asked for clean frames.
 */
final class FrameSupply implements Runnable {
    private static final int MIN_RESERVE = 2;
    private static final int MAX_RESERVE = 256;
    private static final int RESERVE_SHARE = 64;
    private static final long RETRY_NANOS = 1_000_000;
    private static final long IDLE_NANOS = 1_000_000_000;

    private final FrameTable frames;
    private final FrameMemory memory;
    private final PageTable table;
    private final Clock clock;
    private final WriteFailures failures;
    private final FrameStack free;
    // Discarded frames that still hang in a chain.
    private final FrameStack limbo;
    private final Queue<Runnable> waiters = new ConcurrentLinkedQueue<>();
    // Loaders that wait for a frame right now. Written by loaders, read by all.
    private final AtomicInteger waitingLoads = new AtomicInteger();
    private final EngineThreads threads;
    private final Doorbell bell;
    private final int low;
    private final int high;
    // Set before the thread starts.
    private Runnable cleanerBell = () -> {};
    private Runnable loaderBell = () -> {};
    private volatile boolean scarce;
    private volatile boolean closed;
    private volatile boolean ended;

    FrameSupply(
            FrameTable frames,
            FrameMemory memory,
            PageTable table,
            Clock clock,
            WriteFailures failures,
            EngineThreads threads) {
        this.frames = frames;
        this.memory = memory;
        this.table = table;
        this.clock = clock;
        this.failures = failures;
        this.threads = threads;
        bell = new Doorbell(threads);
        free = new FrameStack(frames);
        limbo = new FrameStack(frames);
        low = Math.max(MIN_RESERVE, Math.min(frames.count() / RESERVE_SHARE, MAX_RESERVE));
        high = 2 * low;
    }

    void bells(Runnable cleaner, Runnable loaders) {
        cleanerBell = cleaner;
        loaderBell = loaders;
    }

    /** Allocates the next chunk of memory. One engine thread at a time. */
    void grow() {
        int first = memory.grow();
        for (int frame = memory.readyFrames() - 1; frame >= first; frame--) {
            free.push(frame);
        }
    }

    int freeCount() {
        return free.size();
    }

    /** Whether somebody found neither a free frame nor a victim lately: the cleaner's cue. */
    boolean isScarce() {
        return scarce;
    }

    /** For callers: a free frame, latched exclusively, or {@link FrameLayout#NONE}. Never waits. */
    int tryTake() {
        if (free.size() <= waitingLoads.get()) {
            bell.ring();
            return FrameLayout.NONE;
        }
        int frame = free.pop();
        if (free.size() < low) {
            bell.ring();
        }
        if (frame != FrameLayout.NONE && !FrameLatch.tryExclusive(frames.latch(frame))) {
            // A cleaner that looked at its former page holds it for a moment.
            free.push(frame);
            return FrameLayout.NONE;
        }
        return frame;
    }

    /** For loaders: a free frame, latched exclusively, evicting if need be; {@link FrameLayout#NONE} if there is none now. */
    int take() {
        int frame = free.pop();
        if (free.size() < low) {
            bell.ring();
        }
        if (frame == FrameLayout.NONE && !memory.canGrow()) {
            frame = clock.evict();
        }
        if (frame == FrameLayout.NONE) {
            wantClean();
            return frame;
        }
        long latch = frames.latch(frame);
        if (!FrameLatch.tryExclusive(latch)) {
            Sleepers.awaitSoon(threads, () -> FrameLatch.tryExclusive(latch));
        }
        return frame;
    }

    private void wantClean() {
        if (!memory.canGrow()) {
            scarce = true;
            cleanerBell.run();
        }
        bell.ring();
    }

    /** A loader begins or ends to wait for a frame. */
    void loadWaits(int delta) {
        waitingLoads.addAndGet(delta);
    }

    /** Takes back a frame that hangs in no chain, latched exclusively. Any thread. */
    void giveBack(int frame) {
        FrameLatch.releaseExclusive(frames.latch(frame));
        free.push(frame);
        framesAvailable();
    }

    /** Takes back a fresh frame, latched exclusively. Any thread: if the stripe is busy, this class's thread unlinks the frame later. */
    void discard(int frame) {
        ReentrantLock stripe = table.stripe(frames.chainPage(frame));
        if (stripe.tryLock()) {
            try {
                table.remove(frame);
            } finally {
                stripe.unlock();
            }
            frames.fresh(frame, false);
            giveBack(frame);
        } else {
            // In this order: whoever sees it no longer fresh also sees that it has no page.
            frames.pageId(frame, FrameLayout.NO_PAGE);
            frames.fresh(frame, false);
            FrameLatch.releaseExclusive(frames.latch(frame));
            limbo.push(frame);
            bell.ring();
        }
    }

    /** Runs the waiter on this class's thread when frames are there. Any thread. */
    void await(Runnable waiter) {
        waiters.add(waiter);
        bell.ring();
        if (ended) {
            callAllWaiters();
        }
    }

    /** Frames were freed, cleaned or unpinned: wakes those who can use that. */
    void framesAvailable() {
        if (waitingLoads.get() > 0) {
            loaderBell.run();
        }
        if (!waiters.isEmpty()) {
            bell.ring();
        }
    }

    @Override
    public void run() {
        bell.owner(Thread.currentThread());
        while (!closed) {
            emptyLimbo();
            boolean enough = refill();
            serveWaiters();
            bell.await(enough && waiters.isEmpty() ? IDLE_NANOS : RETRY_NANOS);
        }
        ended = true;
        callAllWaiters();
    }

    private void callAllWaiters() {
        for (Runnable waiter = waiters.poll(); waiter != null; waiter = waiters.poll()) {
            Callbacks.run(waiter);
        }
    }

    private void emptyLimbo() {
        for (int frame = limbo.pop(); frame != FrameLayout.NONE; frame = limbo.pop()) {
            ReentrantLock stripe = table.stripe(frames.chainPage(frame));
            stripe.lock();
            try {
                table.remove(frame);
            } finally {
                stripe.unlock();
            }
            free.push(frame);
        }
    }

    private boolean refill() {
        boolean wanted = free.size() < low || waitingLoads.get() > 0 || !waiters.isEmpty();
        if (!wanted) {
            scarce = false;
            return true;
        }
        int target = high + waitingLoads.get();
        while (free.size() < target && !closed) {
            if (memory.canGrow()) {
                if (!tryGrow()) {
                    return false;
                }
            } else {
                int frame = clock.evict();
                if (frame == FrameLayout.NONE) {
                    scarce = true;
                    cleanerBell.run();
                    loaderBell.run();
                    return false;
                }
                free.push(frame);
            }
        }
        scarce = false;
        if (waitingLoads.get() > 0) {
            loaderBell.run();
        }
        return true;
    }

    /** False if somebody else has taken the JVM's direct memory meanwhile; tried again later. */
    private boolean tryGrow() {
        try {
            grow();
            return true;
        } catch (OutOfMemoryError full) {
            return false;
        }
    }

    private void serveWaiters() {
        int served = free.size() - waitingLoads.get();
        if (failures.isPoisoned()) {
            // No frame will ever be clean again: let them find out.
            served = Math.max(served, 1);
        }
        for (; served > 0; served--) {
            Runnable waiter = waiters.poll();
            if (waiter == null) {
                return;
            }
            Callbacks.run(waiter);
        }
    }

    /** Ends the thread; the waiters are called so that they find the pool closed. */
    void close() {
        closed = true;
        bell.ring();
    }
}
