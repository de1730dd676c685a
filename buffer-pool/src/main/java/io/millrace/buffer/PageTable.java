package io.millrace.buffer;

import io.millrace.common.Memory;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.ReentrantLock;
import org.agrona.BitUtil;
import org.agrona.BufferUtil;

/**
 * Which frame holds a page: buckets of chains through the frame descriptors.
 *
 * <pre>
 *  page id --hash--> bucket --> frame --chain next--> frame --> -1
 *                      |
 *                      +-- stripe = low bits of the bucket: the lock for CHANGES of its chains
 * </pre>
 *
 * <p>{@link #find} takes no lock and writes nothing: a hit proves itself (the caller takes the frame's stamp and compares the page id; a frame
 * changes its page only under the exclusive latch), a miss is only a hint, because a chain may change under the look-up. Whoever must know holds
 * the stripe lock. Callers of the pool only ever try that lock; engine threads may wait for it, it is held for a few instructions.
 */
final class PageTable {
    /** A look-up that changes lead astray ends after this many steps; sound chains have one or two frames. */
    private static final int MAX_STEPS = 256;

    private static final int INSTALL_COUNTERS = 1 << 12;
    private static final long GOLDEN = 0x9E37_79B9_7F4A_7C15L;

    private final FrameTable frames;
    private final ReentrantLock[] stripes;
    // Keeps the memory alive.
    private final ByteBuffer memory;
    private final long base;
    private final int bucketShift;
    // Each counts the pages of some buckets that callers have installed; up under a stripe lock.
    private final AtomicIntegerArray installs = new AtomicIntegerArray(INSTALL_COUNTERS);

    PageTable(FrameTable frames, int stripeCount) {
        this.frames = frames;
        int buckets = BitUtil.findNextPositivePowerOfTwo(Math.max(2 * frames.count(), stripeCount));
        bucketShift = Long.SIZE - Integer.numberOfTrailingZeros(buckets);
        memory = BufferUtil.allocateDirectAligned(buckets * Integer.BYTES, FrameLayout.SIZE);
        base = BufferUtil.address(memory);
        Memory.setMemory(base, (long) buckets * Integer.BYTES, (byte) FrameLayout.NONE);
        stripes = new ReentrantLock[stripeCount];
        for (int i = 0; i < stripeCount; i++) {
            stripes[i] = new ReentrantLock();
        }
    }

    long bytes() {
        return memory.capacity();
    }

    /** The frame that seems to hold the page, or {@link FrameLayout#NONE}. Wait-free. */
    int find(long pageId) {
        int frame = Memory.getIntAcquire(head(pageId));
        for (int step = 0; frame != FrameLayout.NONE && step < MAX_STEPS; step++) {
            if (frames.pageId(frame) == pageId) {
                return frame;
            }
            frame = frames.chainNext(frame);
        }
        return FrameLayout.NONE;
    }

    /** The lock that guards the chain of a page. */
    ReentrantLock stripe(long pageId) {
        return stripes[bucket(pageId) & (stripes.length - 1)];
    }

    /** The frame that holds the page, or {@link FrameLayout#NONE}: the truth. Under the stripe lock. */
    int findLocked(long pageId) {
        assert stripe(pageId).isHeldByCurrentThread();
        int frame = Memory.getIntAcquire(head(pageId));
        while (frame != FrameLayout.NONE && frames.pageId(frame) != pageId) {
            frame = frames.chainNext(frame);
        }
        return frame;
    }

    /** Links an exclusively latched frame that is in no chain. Under the stripe lock. */
    void insert(int frame, long pageId) {
        assert stripe(pageId).isHeldByCurrentThread();
        long head = head(pageId);
        frames.chainPage(frame, pageId);
        frames.pageId(frame, pageId);
        frames.chainNext(frame, Memory.getIntAcquire(head));
        Memory.putIntRelease(head, frame);
    }

    /** The same for a page that was not read from disk: whoever is reading it there now reads what is not true any more. */
    void install(int frame, long pageId) {
        installs.incrementAndGet(bucket(pageId) & INSTALL_COUNTERS - 1);
        insert(frame, pageId);
    }

    /** Differs from what it was if the page has been installed since; perhaps also if another was. Any thread. */
    int installs(long pageId) {
        return installs.get(bucket(pageId) & INSTALL_COUNTERS - 1);
    }

    /** Unlinks a frame from its chain and leaves it without a page. Under the stripe lock of its chain's page. */
    void remove(int frame) {
        long pageId = frames.chainPage(frame);
        assert stripe(pageId).isHeldByCurrentThread();
        frames.pageId(frame, FrameLayout.NO_PAGE);
        long head = head(pageId);
        int next = frames.chainNext(frame);
        int previous = Memory.getIntAcquire(head);
        if (previous == frame) {
            Memory.putIntRelease(head, next);
            return;
        }
        while (frames.chainNext(previous) != frame) {
            previous = frames.chainNext(previous);
        }
        frames.chainNext(previous, next);
    }

    private long head(long pageId) {
        return base + (long) bucket(pageId) * Integer.BYTES;
    }

    private int bucket(long pageId) {
        return (int) (pageId * GOLDEN >>> bucketShift);
    }
}
