package io.millrace.btree;

import io.millrace.buffer.BufferPool;
import io.millrace.common.Memory;
import io.millrace.txn.Step;
import io.millrace.txn.Workspace;

/**
 * Reads a long value by its reference, page by page, into memory of its own, which goes with this object. Pins and latches nothing between
 * pages: if the value is freed meanwhile, its pages are others', and the reader is {@linkplain #isGone gone}: whoever has it looks for
 * the reference again. Restartable, goes on where it was. One thread at a time.
 */
public final class LongValueReader {
    private final BufferPool pool;
    private final long number;
    private final int length;
    private final long memory;
    private long next;
    private int read;
    private boolean gone;

    LongValueReader(BufferPool pool, long reference) {
        this.pool = pool;
        number = LongValueLayout.number(reference);
        length = LongValueLayout.length(reference);
        next = LongValueLayout.head(reference);
        memory = Memory.allocateOwned(this, length);
    }

    /** Whether it reads the value of this reference. */
    boolean reads(long reference) {
        return LongValueLayout.number(reference) == number && !gone;
    }

    /** Goes on: DONE when all is read; CONTENDED, also if the value is gone; or PAGE_MISS. */
    public Step read(Workspace workspace) {
        Step step = Step.DONE;
        while (read < length && step == Step.DONE) {
            step = readPage(workspace);
        }
        return step;
    }

    private Step readPage(Workspace workspace) {
        int frame = pool.frameOf(next);
        if (frame == BufferPool.MISS) {
            workspace.missedPage = next;
            return Step.PAGE_MISS;
        }
        long stamp = pool.stamp(frame);
        if (stamp == 0 || pool.pageIdOf(frame) != next) {
            return Step.CONTENDED;
        }
        pool.touch(frame);
        workspace.pageHits++;
        long page = pool.address(frame);
        boolean right = LongValueLayout.isPart(page, number, length - read);
        long following = LongValueLayout.next(page);
        int bytes = Math.min(length - read, LongValueLayout.capacity(pool.pageSize()));
        Memory.copy(LongValueLayout.bytes(page), memory + read, bytes);
        if (!pool.validate(frame, stamp)) {
            return Step.CONTENDED;
        }
        if (!right) {
            gone = true;
            return Step.CONTENDED;
        }
        read += bytes;
        next = following;
        return Step.DONE;
    }

    /** Whether the value was freed while it was read. */
    public boolean isGone() {
        return gone;
    }

    /** Where the value is, once it is read; as long as somebody holds this object. */
    public long address() {
        return memory;
    }

    /** Length of the value in bytes. */
    public int length() {
        return length;
    }
}
