package io.millrace.buffer;

import java.util.function.LongSupplier;

/** Stub. */
public final class BufferPool implements AutoCloseable {
    /** Of {@link #frameOf}: not resident, as far as can be seen without a lock. */
    public static final int MISS = -1;
    /** Of {@link #tryInstall}: see {@link #awaitFreeFrame}. */
    public static final int NO_FREE_FRAME = -2;
    /** Of {@link #tryInstall}: somebody is in the way, try again. */
    public static final int BUSY = -3;

    private BufferPool() {}

    /** Starts a pool; doubleWrite may be null (device writes pages atomically); endOfLog: highest LSN a page may carry. */
    public static BufferPool open(
            BufferPoolOptions options,
            DataFile dataFile,
            DoubleWriteArea doubleWrite,
            WriteAheadBarrier barrier,
            LongSupplier endOfLog) {
        throw new UnsupportedOperationException();
    }

    public int frameOf(long pageId) {
        throw new UnsupportedOperationException();
    }

    public long pageIdOf(int frame) {
        throw new UnsupportedOperationException();
    }

    public long address(int frame) {
        throw new UnsupportedOperationException();
    }

    public int pageSize() {
        throw new UnsupportedOperationException();
    }

    public int frameCount() {
        throw new UnsupportedOperationException();
    }

    public long stamp(int frame) {
        throw new UnsupportedOperationException();
    }

    public boolean validate(int frame, long stamp) {
        throw new UnsupportedOperationException();
    }

    public boolean tryExclusive(int frame, long stamp) {
        throw new UnsupportedOperationException();
    }

    public void releaseExclusive(int frame) {
        throw new UnsupportedOperationException();
    }

    public void releaseUnchanged(int frame) {
        throw new UnsupportedOperationException();
    }

    public void touch(int frame) {
        throw new UnsupportedOperationException();
    }

    public void markDirty(int frame, long lsn) {
        throw new UnsupportedOperationException();
    }

    public int tryInstall(long pageId) {
        throw new UnsupportedOperationException();
    }

    public void discard(int frame) {
        throw new UnsupportedOperationException();
    }

    public void fetch(long pageId, PageWaiter waiter) {
        throw new UnsupportedOperationException();
    }

    public void unpin(long pageId) {
        throw new UnsupportedOperationException();
    }

    public void awaitFreeFrame(Runnable waiter) {
        throw new UnsupportedOperationException();
    }

    public int pin(long pageId) {
        throw new UnsupportedOperationException();
    }

    public void unpinFrame(int frame) {
        throw new UnsupportedOperationException();
    }

    public void latchExclusive(int frame) {
        throw new UnsupportedOperationException();
    }

    public long minRecLsn() {
        throw new UnsupportedOperationException();
    }

    public void requestFlush(long upToRecLsn, Runnable done) {
        throw new UnsupportedOperationException();
    }

    public void flushAll() {
        throw new UnsupportedOperationException();
    }

    public long highestPageLsnWritten() {
        throw new UnsupportedOperationException();
    }

    public BufferPoolStats stats() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }
}
