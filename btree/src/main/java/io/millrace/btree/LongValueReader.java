package io.millrace.btree;

import io.millrace.buffer.BufferPool;
import io.millrace.common.Memory;
import io.millrace.error.StoreOverloadedException;
import io.millrace.txn.Step;
import io.millrace.txn.Workspace;

/**
 * Reads a long value by its reference, page by page, into memory on the heap. Pins and latches nothing between pages. Restartable, goes on where
 * it was. One thread at a time.
 *
 * <p>The pages stay what they are as long as a snapshot is registered, and readable, that was there before the reference was looked up. For whoever
 * has none they may become others' meanwhile; the reader finds that out and is {@linkplain #isLost lost}.
 */
public final class LongValueReader {
    private final BufferPool pool;
    private final long head;
    private final long headLsn;
    private final byte[] bytes;
    private long next;
    private long nextLsn;
    private int read;
    private boolean lost;

    LongValueReader(BufferPool pool, long reference) {
        this(
                pool,
                LongValueLayout.head(reference),
                LongValueLayout.headLsn(reference),
                LongValueLayout.length(reference));
    }

    LongValueReader(BufferPool pool, long head, long headLsn, int length) {
        this.pool = pool;
        this.head = head;
        this.headLsn = headLsn;
        bytes = memory(length);
        rewind();
    }

    private static byte[] memory(int length) {
        try {
            return new byte[length];
        } catch (OutOfMemoryError full) {
            throw new StoreOverloadedException("heap for a value of " + length + " bytes");
        }
    }

    /** Begins anew, with the same reference. */
    private void rewind() {
        next = head;
        nextLsn = headLsn;
        read = 0;
        lost = false;
    }

    /** Goes on: DONE when all is read; CONTENDED, also when lost; or PAGE_MISS. */
    public Step read(Workspace workspace) {
        Step step = Step.DONE;
        while (read < bytes.length && step == Step.DONE) {
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
        boolean right = LongValueLayout.isPart(page, nextLsn, bytes.length - read);
        long following = LongValueLayout.next(page);
        long followingLsn = LongValueLayout.nextLsn(page);
        int length = Math.min(bytes.length - read, LongValueLayout.capacity(pool.pageSize()));
        Memory.copyToArray(LongValueLayout.bytes(page), bytes, read, length);
        if (!pool.validate(frame, stamp)) {
            return Step.CONTENDED;
        }
        if (!right) {
            lost = true;
            return Step.CONTENDED;
        }
        read += length;
        next = following;
        nextLsn = followingLsn;
        return Step.DONE;
    }

    /** Whether a page was not what the reference, or the page before, says. */
    public boolean isLost() {
        return lost;
    }

    /** What a lost reader found where, for an error. */
    public String place() {
        return "page " + next + " should be of a long value of " + bytes.length + " bytes, " + read
                + " of them read, with LSN " + nextLsn;
    }

    /** Its number, of a lost reader. */
    public long page() {
        return next;
    }

    /** The value, once it is read; not copied. */
    public byte[] bytes() {
        return bytes;
    }
}
