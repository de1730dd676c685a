package io.millrace.recovery;

import io.millrace.common.EngineThreads;
import io.millrace.common.Sleepers;
import io.millrace.wal.BlockLayout;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReference;
import org.agrona.BufferUtil;

/**
 * Two groups of log windows between the one who reads the log and the workers: while the workers apply one, the other is filled. Memory is the same
 * whatever the length of the log. One reader.
 *
 * <pre>
 *   empty --taken--&gt; being filled --publish--&gt; published --released by every worker--&gt; empty
 * </pre>
 */
final class RedoGroups {
    private static final int GROUPS = 2;
    private static final int ALIGNMENT = 4096;
    /** With larger ones fewer blocks have to be moved from the end of one to the front of the next. */
    private static final int WISHED_BYTES = 2 << 20;
    /** The longest block, and what comes to lie before it. */
    private static final int SMALLEST_BYTES = BlockLayout.MAX_LENGTH + ALIGNMENT;

    private final ByteBuffer memory;
    private final RedoGroup[] groups = new RedoGroup[GROUPS];
    private final Sleepers reader;
    private final Sleepers workers;
    // Written by the reader, read by all; publishes the group's content.
    private volatile long published;
    // One per worker, written by it, read by the reader; gives the groups back.
    private final AtomicLongArray released;
    // Set by the reader: nothing follows what is published.
    private volatile boolean ended;
    // Set by the reader: what is published need not be applied any more.
    private volatile boolean cancelled;
    // Set by the first worker that fails.
    private final AtomicReference<Throwable> failure = new AtomicReference<>();

    /** With windows of about so many bytes in all, but never less than two of the longest blocks. */
    RedoGroups(EngineThreads threads, int workerCount, long bytes) {
        reader = new Sleepers(threads);
        workers = new Sleepers(threads);
        released = new AtomicLongArray(workerCount);
        int windowBytes = bytes < (long) GROUPS * WISHED_BYTES ? SMALLEST_BYTES : WISHED_BYTES;
        int windows = (int) Math.max(1, bytes / windowBytes / GROUPS);
        memory = ByteBuffer.allocateDirect(GROUPS * windows * windowBytes);
        for (int i = 0; i < GROUPS; i++) {
            ByteBuffer[] own = new ByteBuffer[windows];
            for (int j = 0; j < windows; j++) {
                int begin = (i * windows + j) * windowBytes;
                own[j] = memory.slice(begin, windowBytes);
            }
            groups[i] = new RedoGroup(own, workerCount);
        }
    }

    // --- the reader

    /** The group to fill next; waits until every worker has released it. Null if one has failed. */
    RedoGroup awaitEmpty() {
        reader.await(() -> failure.get() != null || allReleased() > published - GROUPS);
        if (failure.get() != null) {
            return null;
        }
        RedoGroup group = groups[(int) (published % GROUPS)];
        group.clear();
        return group;
    }

    private long allReleased() {
        long all = Long.MAX_VALUE;
        for (int worker = 0; worker < released.length(); worker++) {
            all = Math.min(all, released.get(worker));
        }
        return all;
    }

    /** Hands over the group last taken. */
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
        for (RedoGroup group : groups) {
            group.free();
        }
        BufferUtil.free(memory);
    }

    // --- a worker

    /** The group with this number, from 0 on; waits for it. Null behind the last. */
    RedoGroup await(long number) {
        workers.await(() -> ended || published > number);
        // Whoever sees the end sees all that was published before.
        return published <= number || cancelled ? null : groups[(int) (number % GROUPS)];
    }

    /** This worker needs no group below this number any more. */
    void release(int worker, long number) {
        released.set(worker, number);
        reader.wakeAll();
    }

    void fail(Throwable cause) {
        failure.compareAndSet(null, cause);
        reader.wakeAll();
    }
}
