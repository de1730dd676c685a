package io.millrace.recovery;

import io.millrace.common.EngineThreads;
import io.millrace.common.Sleepers;
import io.millrace.wal.BlockLayout;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReference;
import org.agrona.BufferUtil;

/**
 * Windows of log between the one who reads it and the workers, each of whom goes through all of them. They go round; their number is fixed, so
 * memory is the same whatever the length of the log. One reader.
 *
 * <pre>
 *   empty --taken--&gt; being filled --publish--&gt; published --released by every worker--&gt; empty
 * </pre>
 *
 * <p>A worker may keep a {@link #group} of windows before it releases them together; there are two groups, so that the reader fills one
 * meanwhile.
 */
final class LogWindows {
    private static final int GROUPS = 2;
    private static final int ALIGNMENT = 4096;
    /** Larger ones are handed over less often, and fewer blocks have to be moved from the end of one to the front of the next. */
    private static final int WISHED_BYTES = 2 << 20;
    /** The longest block, and what comes to lie before it. */
    private static final int SMALLEST_BYTES = BlockLayout.MAX_LENGTH + ALIGNMENT;

    private final ByteBuffer memory;
    private final LogWindow[] ring;
    private final Sleepers reader;
    private final Sleepers workers;
    // Written by the reader, read by all; publishes the window's blocks.
    private volatile long published;
    // One per worker, written by it, read by the reader; gives the windows back.
    private final AtomicLongArray released;
    // Set by the reader: nothing follows what is published.
    private volatile boolean ended;
    // Set by the reader: what is published need not be applied any more.
    private volatile boolean cancelled;
    // Set by the first worker that fails.
    private final AtomicReference<Throwable> failure = new AtomicReference<>();

    /** In about so many bytes, but never less than two of the longest blocks. */
    LogWindows(EngineThreads threads, int workerCount, long bytes) {
        reader = new Sleepers(threads);
        workers = new Sleepers(threads);
        released = new AtomicLongArray(workerCount);
        int windowBytes = bytes < (long) GROUPS * WISHED_BYTES ? SMALLEST_BYTES : WISHED_BYTES;
        int group = (int) Math.max(1, bytes / windowBytes / GROUPS);
        ring = new LogWindow[GROUPS * group];
        memory = ByteBuffer.allocateDirect(ring.length * windowBytes);
        for (int i = 0; i < ring.length; i++) {
            memory.limit((i + 1) * windowBytes).position(i * windowBytes);
            ring[i] = new LogWindow(memory.slice());
        }
    }

    /** How many windows a worker may keep. */
    int group() {
        return ring.length / GROUPS;
    }

    // --- the reader

    /** The window to fill next; waits until every worker has released it. Null if one has failed. */
    LogWindow awaitEmpty() {
        reader.await(() -> failure.get() != null || allReleased() > published - ring.length);
        if (failure.get() != null) {
            return null;
        }
        LogWindow window = ring[(int) (published % ring.length)];
        window.clear();
        return window;
    }

    private long allReleased() {
        long all = Long.MAX_VALUE;
        for (int worker = 0; worker < released.length(); worker++) {
            all = Math.min(all, released.get(worker));
        }
        return all;
    }

    /** Hands over the window last taken. */
    void publish() {
        long next = published + 1;
        published = next;
        workers.wakeAll();
    }

    /** Nothing more comes. */
    void end() {
        ended = true;
        workers.wakeAll();
    }

    /** Nothing more comes, and what is there is not wanted any more. */
    void cancel() {
        cancelled = true;
        end();
    }

    /** Why a worker stopped before the end, or null. */
    Throwable failure() {
        return failure.get();
    }

    /** Gives the memory back; the workers have ended. */
    void free() {
        BufferUtil.free(memory);
    }

    // --- a worker

    /** The window with this number, from 0 on; waits for it. Null behind the last. */
    LogWindow await(long number) {
        workers.await(() -> ended || published > number);
        // Whoever sees the end sees all that was published before.
        return published <= number || cancelled ? null : ring[(int) (number % ring.length)];
    }

    /** This worker needs no window below this number any more. */
    void release(int worker, long number) {
        released.set(worker, number);
        reader.wakeAll();
    }

    void fail(Throwable cause) {
        failure.compareAndSet(null, cause);
        reader.wakeAll();
    }
}
