package io.millrace.recovery;

import io.millrace.buffer.BufferPool;
import io.millrace.common.EngineThreads;
import io.millrace.error.CorruptPageException;
import io.millrace.error.MillraceException;
import io.millrace.error.StorageIoException;
import io.millrace.txn.RecordHandlers;
import io.millrace.wal.BlockConsumer;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Second pass, partitioned by page: the calling thread reads and verifies the log, block by block, and hands it over as it was read; every worker
 * goes through all of it and picks out the changes of its own pages. So the changes of a page are applied in LSN order and by one thread, while
 * pages go on independently of each other, and nothing of the log is copied (ADR-0021).
 *
 * <pre>
 *                              +--&gt; worker 0: picks, orders by page, applies
 *   log --&gt; windows of blocks --+
 *                              +--&gt; worker 1: picks, orders by page, applies
 * </pre>
 *
 * <p>Memory is that of the windows and of the workers' batches, whatever the length of the log. The first failure of a worker ends the pass. One
 * thread calls; {@link #close} ends the workers in any case.
 */
final class RedoPass implements BlockConsumer, AutoCloseable {
    /** The windows of log take so much of the pool's size, */
    private static final int POOL_SHARE = 4;
    /** but no more than this: with more it was slower (ADR-0021). */
    private static final long MAX_BYTES = 8L << 20;

    private static final int FRAMES_PER_WORKER = 16;

    private final EngineThreads threads;
    private final LogWindows windows;
    private final RedoWorker[] workers;
    private final Thread[] running;
    private LogWindow filling;
    private boolean ended;

    /** Starts the workers, no more than the pool has pages for. Nothing below {@code fromLsn} is repeated. */
    RedoPass(BufferPool pool, RecordHandlers handlers, EngineThreads threads, int wantedWorkers, long fromLsn) {
        this.threads = threads;
        int count = Math.max(1, Math.min(wantedWorkers, pool.frameCount() / FRAMES_PER_WORKER));
        long bytes = Math.min(MAX_BYTES, (long) pool.frameCount() * pool.pageSize() / POOL_SHARE);
        windows = new LogWindows(threads, count, bytes);
        workers = new RedoWorker[count];
        running = new Thread[count];
        for (int i = 0; i < count; i++) {
            workers[i] = new RedoWorker(pool, handlers, windows, i, count, fromLsn);
            running[i] = threads.start("redo-" + i, workers[i]);
        }
    }

    @Override
    public ByteBuffer nextWindow() {
        publish();
        filling = windows.awaitEmpty();
        if (filling == null) {
            throw failed(windows.failure());
        }
        return filling.buffer();
    }

    @Override
    public void block(long address, int length) {
        filling.add(address);
    }

    private void publish() {
        if (filling != null) {
            windows.publish();
            filling = null;
        }
    }

    /** Waits until everything is applied. */
    void finish() {
        publish();
        windows.end();
        join();
        if (windows.failure() != null) {
            throw failed(windows.failure());
        }
    }

    private void join() {
        for (Thread thread : running) {
            threads.join(thread);
        }
        ended = true;
    }

    private static RuntimeException failed(Throwable failure) {
        if (failure instanceof Error error) {
            throw error;
        }
        return failure instanceof MillraceException typed ? typed : new StorageIoException("repeat the log", failure);
    }

    /** Ends the workers if {@link #finish} has not; gives the memory back. */
    @Override
    public void close() {
        if (!ended) {
            windows.cancel();
            join();
        }
        windows.free();
        for (RedoWorker worker : workers) {
            worker.free();
        }
    }

    /** Changes applied; after {@link #finish}. */
    long applied() {
        long applied = 0;
        for (RedoWorker worker : workers) {
            applied += worker.redo().applied();
        }
        return applied;
    }

    /** Pages that could not be repaired, by number; after {@link #finish}. */
    List<CorruptPageException> damaged() {
        List<CorruptPageException> damaged = new ArrayList<>();
        for (RedoWorker worker : workers) {
            damaged.addAll(worker.redo().damaged());
        }
        damaged.sort(Comparator.comparingLong(CorruptPageException::pageId));
        return damaged;
    }
}
