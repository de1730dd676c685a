package io.millrace.recovery;

import io.millrace.common.EngineThreads;
import io.millrace.common.Sleepers;

/**
 * Batches between the log reader and one worker. They go round: the reader takes an empty one, fills it and publishes it; the worker applies and
 * releases it. Their number is fixed, so memory is the same whatever the length of the log. One reader, one worker.
 *
 * <pre>
 *   empty --taken--&gt; being filled --publish--&gt; published --release--&gt; empty
 * </pre>
 */
final class RedoQueue {
    // Both sides: a place is written by the reader before it publishes, and read by him again after the release.
    private final RedoBatch[] ring;
    private final Sleepers reader;
    private final Sleepers worker;
    // The reader's own: how many batches he has taken, and from where.
    private final RedoBatch[] all;
    private int fresh;
    private long reclaimed;
    // Written by the reader, read by both; publishes the batch's bytes.
    private volatile long published;
    // Written by the worker, read by both; gives the batch back.
    private volatile long released;
    // Set by the reader: nothing follows what is published.
    private volatile boolean ended;
    // Set by the reader: what is published need not be applied any more.
    private volatile boolean cancelled;
    // Set by the worker: it applies nothing any more.
    private volatile Throwable failure;

    RedoQueue(EngineThreads threads, int batches, int batchBytes) {
        reader = new Sleepers(threads);
        worker = new Sleepers(threads);
        ring = new RedoBatch[batches];
        all = new RedoBatch[batches];
        for (int i = 0; i < batches; i++) {
            all[i] = new RedoBatch(batchBytes);
        }
    }

    // --- the reader

    /** An empty batch; waits until there is one. Null if the worker has failed. */
    RedoBatch awaitEmpty() {
        if (fresh < all.length) {
            return all[fresh++];
        }
        reader.await(() -> failure != null || released > reclaimed);
        if (failure != null) {
            return null;
        }
        RedoBatch batch = ring[(int) (reclaimed++ % ring.length)];
        batch.clear();
        return batch;
    }

    /** Hands a filled batch over. */
    void publish(RedoBatch batch) {
        long place = published;
        ring[(int) (place % ring.length)] = batch;
        published = place + 1;
        worker.wakeAll();
    }

    /** Nothing more comes. */
    void end() {
        ended = true;
        worker.wakeAll();
    }

    /** Nothing more comes, and what is there is not wanted any more. */
    void cancel() {
        cancelled = true;
        end();
    }

    /** Why the worker stopped before the end, or null. */
    Throwable failure() {
        return failure;
    }

    /** Gives the memory back; the worker has ended. */
    void free() {
        for (RedoBatch batch : all) {
            batch.free();
        }
    }

    // --- the worker

    /** The next batch to apply; waits for it. Null behind the last. */
    RedoBatch take() {
        worker.await(() -> ended || published > released);
        // Whoever sees the end sees all that was published before.
        return published == released || cancelled ? null : ring[(int) (released % ring.length)];
    }

    /** The batch last taken is applied. */
    void release() {
        long next = released + 1;
        released = next;
        reader.wakeAll();
    }

    void fail(Throwable cause) {
        failure = cause;
        reader.wakeAll();
    }
}
