package io.millrace.buffer;

import io.millrace.common.Memory;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import org.agrona.BufferUtil;

/**
 * The descriptors of all frames, see {@link FrameLayout}. Owns what a single frame can tell about itself: page, recLSNs, pins, the clock's
 * bits; and the exact count of dirty frames. Thread-safe as the layout says. The memory is a direct buffer, freed with this object, so use
 * after close can't touch freed memory.
 */
final class FrameTable {
    /** In RECENT: used since the clock's last visit. */
    static final int USED = 1;
    /** In RECENT: survives one more visit. */
    static final int SECOND_LAP = 2;

    private static final int SLOT_BIT = 1 << 31;
    private static final int PIN_COUNT = ~SLOT_BIT;

    private final int count;
    // Keeps the memory alive.
    private final ByteBuffer memory;
    private final long base;
    private final AtomicInteger dirty = new AtomicInteger();

    FrameTable(int count) {
        this.count = count;
        memory = BufferUtil.allocateDirectAligned(count * FrameLayout.SIZE, FrameLayout.SIZE);
        base = BufferUtil.address(memory);
        for (int frame = 0; frame < count; frame++) {
            long at = descriptor(frame);
            Memory.putLong(at + FrameLayout.PAGE_ID, FrameLayout.NO_PAGE);
            Memory.putInt(at + FrameLayout.CHAIN_NEXT, FrameLayout.NONE);
            Memory.putInt(at + FrameLayout.STACK_NEXT, FrameLayout.NONE);
            FrameLatch.initialise(at + FrameLayout.LATCH);
        }
    }

    int count() {
        return count;
    }

    long bytes() {
        return memory.capacity();
    }

    long latch(int frame) {
        return descriptor(frame) + FrameLayout.LATCH;
    }

    long pageId(int frame) {
        return Memory.getLongAcquire(descriptor(frame) + FrameLayout.PAGE_ID);
    }

    void pageId(int frame, long pageId) {
        Memory.putLongRelease(descriptor(frame) + FrameLayout.PAGE_ID, pageId);
    }

    int chainNext(int frame) {
        return Memory.getIntAcquire(descriptor(frame) + FrameLayout.CHAIN_NEXT);
    }

    void chainNext(int frame, int next) {
        Memory.putIntRelease(descriptor(frame) + FrameLayout.CHAIN_NEXT, next);
    }

    /** The page in whose chain the frame hangs. */
    long chainPage(int frame) {
        return Memory.getLongVolatile(descriptor(frame) + FrameLayout.CHAIN_PAGE);
    }

    void chainPage(int frame, long pageId) {
        Memory.putLongVolatile(descriptor(frame) + FrameLayout.CHAIN_PAGE, pageId);
    }

    int stackNext(int frame) {
        return Memory.getIntVolatile(descriptor(frame) + FrameLayout.STACK_NEXT);
    }

    void stackNext(int frame, int next) {
        Memory.putIntVolatile(descriptor(frame) + FrameLayout.STACK_NEXT, next);
    }

    // --- the clock's bits

    void touch(int frame) {
        long at = descriptor(frame) + FrameLayout.RECENT;
        if ((Memory.getInt(at) & USED) == 0) {
            Memory.putInt(at, USED);
        }
    }

    int recent(int frame) {
        return Memory.getInt(descriptor(frame) + FrameLayout.RECENT);
    }

    void recent(int frame, int bits) {
        Memory.putInt(descriptor(frame) + FrameLayout.RECENT, bits);
    }

    // --- fresh

    boolean isFresh(int frame) {
        return Memory.getIntAcquire(descriptor(frame) + FrameLayout.FRESH) != 0;
    }

    void fresh(int frame, boolean fresh) {
        Memory.putIntRelease(descriptor(frame) + FrameLayout.FRESH, fresh ? 1 : 0);
    }

    // --- pins

    /** One more pin; the caller holds the stripe lock. */
    void pin(int frame, boolean withSlot) {
        long at = descriptor(frame) + FrameLayout.PINS;
        int pins;
        do {
            pins = Memory.getIntVolatile(at);
        } while (!Memory.compareAndSetInt(at, pins, (pins + 1) | (withSlot ? SLOT_BIT : 0)));
    }

    /** One pin less; true if a load slot came free with it. */
    boolean unpin(int frame) {
        long at = descriptor(frame) + FrameLayout.PINS;
        while (true) {
            int pins = Memory.getIntVolatile(at);
            if ((pins & PIN_COUNT) == 0) {
                throw new IllegalStateException("frame " + frame + " is not pinned");
            }
            boolean last = (pins & PIN_COUNT) == 1;
            if (Memory.compareAndSetInt(at, pins, last ? 0 : pins - 1)) {
                return last && (pins & SLOT_BIT) != 0;
            }
        }
    }

    boolean isPinned(int frame) {
        return Memory.getIntVolatile(descriptor(frame) + FrameLayout.PINS) != 0;
    }

    // --- recLSN (D7)

    long recLsn(int frame) {
        return Memory.getLongVolatile(descriptor(frame) + FrameLayout.REC_LSN);
    }

    boolean isWriting(int frame) {
        return Memory.getIntVolatile(descriptor(frame) + FrameLayout.WRITING) != 0;
    }

    int dirtyCount() {
        return dirty.get();
    }

    /** Under the exclusive latch. The number of dirty frames if this one has just become dirty, else 0. */
    int markDirty(int frame, long lsn) {
        long at = descriptor(frame);
        int nowDirty = 0;
        if (Memory.getLong(at + FrameLayout.REC_LSN) == 0) {
            // Volatile: a checkpoint that reads a durable LSN at or behind this one also sees this recLSN.
            Memory.putLongVolatile(at + FrameLayout.REC_LSN, lsn);
            nowDirty = dirty.incrementAndGet();
        }
        if (Memory.getIntVolatile(at + FrameLayout.WRITING) != 0
                && Memory.getLong(at + FrameLayout.REC_LSN_AFTER_COPY) == 0) {
            Memory.putLongVolatile(at + FrameLayout.REC_LSN_AFTER_COPY, lsn);
        }
        return nowDirty;
    }

    /** Under the shared latch: this thread is going to copy the page and write it. False if another does or the page is clean. */
    boolean beginWrite(int frame) {
        long at = descriptor(frame);
        if (recLsn(frame) == 0 || !Memory.compareAndSetInt(at + FrameLayout.WRITING, 0, 1)) {
            return false;
        }
        Memory.putLongVolatile(at + FrameLayout.REC_LSN_AFTER_COPY, 0);
        return true;
    }

    /** Under the shared latch, after the force of the home write: clean, or dirty since the first change after the copy. */
    void endWrite(int frame) {
        long at = descriptor(frame);
        long after = Memory.getLongVolatile(at + FrameLayout.REC_LSN_AFTER_COPY);
        Memory.putLongVolatile(at + FrameLayout.REC_LSN, after);
        if (after == 0) {
            dirty.decrementAndGet();
        }
        Memory.putLongVolatile(at + FrameLayout.REC_LSN_AFTER_COPY, 0);
        Memory.putIntVolatile(at + FrameLayout.WRITING, 0);
    }

    /** Oldest recLSN of all dirty frames, those being written included; {@link Long#MAX_VALUE} if all are clean. */
    long minRecLsn() {
        long oldest = Long.MAX_VALUE;
        for (int frame = 0; frame < count; frame++) {
            long recLsn = recLsn(frame);
            if (recLsn != 0 && recLsn < oldest) {
                oldest = recLsn;
            }
        }
        return oldest;
    }

    private long descriptor(int frame) {
        return base + ((long) frame << FrameLayout.SIZE_SHIFT);
    }
}
