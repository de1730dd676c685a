package io.millrace.recovery;

import io.millrace.buffer.BufferPool;
import io.millrace.common.EngineThreads;
import io.millrace.error.CorruptLogException;
import io.millrace.error.CorruptPageException;
import io.millrace.error.MillraceException;
import io.millrace.error.StorageIoException;
import io.millrace.txn.LoggedRecord;
import io.millrace.txn.MiniTransaction;
import io.millrace.txn.RecordHandlers;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Second pass, partitioned by page: the calling thread reads the log and files each change under the partition of its page; a partition's batch
 * that is full goes to the worker that owns the partition. So the changes of a page are applied in LSN order and by one thread, while pages go
 * on independently of each other (ADR-0021).
 *
 * <pre>
 *                                    +-- partition 0: batch --+
 *                                    +-- partition 1: batch --|--&gt; queue --&gt; worker 0
 *   log --&gt; record --&gt; its changes --+-- partition 2: batch --+
 *                                    +-- ...                  |--&gt; queue --&gt; worker 1
 * </pre>
 *
 * <p>There are many more partitions than workers: a batch then has many changes of few pages, and the worker has both in its core's cache.
 *
 * <p>Memory is that of the batches, whatever the length of the log. The first failure of a worker ends the pass. One thread calls; {@link #close}
 * ends the workers in any case.
 */
final class RedoPass implements AutoCloseable {
    /** Fits into a core's cache beside some pages. */
    private static final int BATCH_BYTES = 256 << 10;
    /** The batches of all partitions take so much of the pool's size, */
    private static final int POOL_SHARE = 4;
    /** but no more than this. */
    private static final long MAX_BYTES = 32L << 20;
    /** Batches of a worker beside those being filled. */
    private static final int SPARE_BATCHES = 4;

    private static final int FRAMES_PER_WORKER = 16;
    private static final long HASH = 0x9E37_79B9_7F4A_7C15L;
    private static final int HASH_SHIFT = 32;

    private final EngineThreads threads;
    private final RedoWorker[] workers;
    private final Thread[] running;
    private final RedoBatch[] filling;
    private final long[] lastLsn;
    private boolean ended;

    /** Starts the workers, no more than the pool has pages for. */
    RedoPass(BufferPool pool, RecordHandlers handlers, EngineThreads threads, int wantedWorkers) {
        this.threads = threads;
        int count = Math.max(1, Math.min(wantedWorkers, pool.frameCount() / FRAMES_PER_WORKER));
        long longest = RedoBatch.bytes(MiniTransaction.capacity(pool.pageSize()), MiniTransaction.MAX_CHANGES);
        int batchBytes = (int) Math.max(BATCH_BYTES, longest);
        long allBytes = Math.min(MAX_BYTES, (long) pool.frameCount() * pool.pageSize() / POOL_SHARE);
        int partitionsOfOne = (int) Math.max(1, allBytes / batchBytes / count - SPARE_BATCHES);
        workers = new RedoWorker[count];
        running = new Thread[count];
        filling = new RedoBatch[count * partitionsOfOne];
        lastLsn = new long[filling.length];
        for (int i = 0; i < count; i++) {
            workers[i] = new RedoWorker(
                    pool,
                    handlers,
                    new RedoQueue(threads, partitionsOfOne + SPARE_BATCHES, batchBytes),
                    new PageOrder(batchBytes / RedoBatch.HEADER_LENGTH),
                    new ReadAhead(pool, count));
            running[i] = threads.start("redo-" + i, workers[i]);
        }
    }

    /** Files the changes of one record; in LSN order. */
    void record(LoggedRecord logged) {
        if (!logged.changesPages()) {
            return;
        }
        long lsn = logged.lsn();
        long stamp = logged.stamp();
        long bytes = RedoBatch.bytes(logged.length(), logged.changes());
        while (logged.nextChange()) {
            long pageId = logged.changePage();
            int partition = partitionOf(pageId);
            RedoBatch batch = filling[partition];
            if (batch == null || lastLsn[partition] != lsn && !batch.hasRoom(bytes)) {
                batch = turn(partition, bytes, lsn);
            }
            lastLsn[partition] = lsn;
            batch.add(lsn, pageId, stamp, logged.changeOperation(), logged.changeBody(), logged.changeLength());
        }
    }

    private int partitionOf(long pageId) {
        return (int) ((pageId * HASH >>> HASH_SHIFT) * filling.length >>> HASH_SHIFT);
    }

    private RedoQueue queueOf(int partition) {
        return workers[partition % workers.length].queue();
    }

    /** Publishes the batch of a partition and goes on with an empty one. */
    private RedoBatch turn(int partition, long bytes, long lsn) {
        RedoQueue queue = queueOf(partition);
        if (filling[partition] != null) {
            queue.publish(filling[partition]);
        }
        RedoBatch batch = queue.awaitEmpty();
        filling[partition] = batch;
        if (batch == null) {
            throw failed(queue.failure());
        }
        if (!batch.hasRoom(bytes)) {
            throw new CorruptLogException(
                    StoreFiles.LOG_DIRECTORY,
                    0,
                    lsn,
                    "the record is longer than a store with this page size writes any");
        }
        return batch;
    }

    /** Waits until everything is applied. */
    void finish() {
        for (int partition = 0; partition < filling.length; partition++) {
            if (filling[partition] != null) {
                queueOf(partition).publish(filling[partition]);
                filling[partition] = null;
            }
        }
        for (RedoWorker worker : workers) {
            worker.queue().end();
        }
        join();
        for (RedoWorker worker : workers) {
            if (worker.queue().failure() != null) {
                throw failed(worker.queue().failure());
            }
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
            for (RedoWorker worker : workers) {
                worker.queue().cancel();
            }
            join();
        }
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
