package io.millrace.recovery;

import io.millrace.buffer.BufferPool;
import io.millrace.common.EngineThreads;
import io.millrace.error.CorruptPageException;
import io.millrace.error.MillraceException;
import io.millrace.error.StorageIoException;
import io.millrace.txn.LoggedRecord;
import io.millrace.txn.RecordHandlers;
import io.millrace.wal.BlockConsumer;
import io.millrace.wal.BlockCursor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Second pass, partitioned by page: the calling thread reads and verifies the log, and notes for every worker where the changes of its pages stand. So
 * the changes of a page are applied in LSN order and by one thread, while pages go on independently of each other, and nothing of the log
 * is copied (ADR-0021).
 *
 * <pre>
 *                                          +--&gt; worker 0: orders by page, applies
 *   log --&gt; windows, changes by worker --+
 *                                          +--&gt; worker 1: orders by page, applies
 * </pre>
 *
 * <p>Memory is that of the windows and of the notes, whatever the length of the log. The first failure of a worker ends the pass. One thread calls;
 * {@link #close} ends the workers in any case.
 */
final class RedoPass implements BlockConsumer, AutoCloseable {
    /** The windows of log take so much of the pool's size, */
    private static final int POOL_SHARE = 4;
    /** but no more than this: with more it was slower (ADR-0021). */
    private static final long MAX_BYTES = 8L << 20;

    private static final int FRAMES_PER_WORKER = 16;
    private static final long HASH = 0x9E37_79B9_7F4A_7C15L;
    private static final int HASH_SHIFT = 32;

    private final EngineThreads threads;
    private final long fromLsn;
    private final RedoGroups groups;
    private final RedoWorker[] workers;
    private final Thread[] running;
    private final BlockCursor records = new BlockCursor();
    private final LoggedRecord record = new LoggedRecord();
    private RedoGroup filling;
    private boolean ended;

    /** Starts the workers, no more than the pool has pages for. Nothing below {@code fromLsn} is repeated. */
    RedoPass(BufferPool pool, RecordHandlers handlers, EngineThreads threads, int wantedWorkers, long fromLsn) {
        this.threads = threads;
        this.fromLsn = fromLsn;
        int count = Math.max(1, Math.min(wantedWorkers, pool.frameCount() / FRAMES_PER_WORKER));
        long bytes = Math.min(MAX_BYTES, (long) pool.frameCount() * pool.pageSize() / POOL_SHARE);
        groups = new RedoGroups(threads, count, bytes);
        workers = new RedoWorker[count];
        running = new Thread[count];
        for (int i = 0; i < count; i++) {
            workers[i] = new RedoWorker(pool, handlers, groups, i, count);
            running[i] = threads.start("redo-" + i, workers[i]);
        }
    }

    @Override
    public ByteBuffer nextWindow() {
        if (filling == null || !filling.hasWindow()) {
            publish();
            filling = groups.awaitEmpty();
            if (filling == null) {
                throw failed(groups.failure());
            }
        }
        return filling.nextWindow();
    }

    @Override
    public void block(long address, int length) {
        records.wrap(address);
        while (records.next()) {
            if (records.lsn() >= fromLsn) {
                record.wrap(records.lsn(), records.address(), records.length());
                while (record.nextChange()) {
                    long pageId = record.changePage();
                    filling.batch(ownerOf(pageId))
                            .add(
                                    record.lsn(),
                                    pageId,
                                    record.stamp(),
                                    record.changeOperation(),
                                    record.changeBody(),
                                    record.changeLength());
                }
            }
        }
    }

    private int ownerOf(long pageId) {
        return (int) ((pageId * HASH >>> HASH_SHIFT) * workers.length >>> HASH_SHIFT);
    }

    private void publish() {
        if (filling != null) {
            groups.publish();
            filling = null;
        }
    }

    /** Waits until everything is applied. */
    void finish() {
        publish();
        groups.end();
        join();
        if (groups.failure() != null) {
            throw failed(groups.failure());
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
            groups.cancel();
            join();
        }
        groups.free();
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
