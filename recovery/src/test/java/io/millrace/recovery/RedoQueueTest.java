package io.millrace.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.common.EngineThreads;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The batches of a queue go round, and whoever is too fast waits for the other. */
final class RedoQueueTest {
    private static final int BATCHES = 3;
    private static final int BATCH_BYTES = 1024;

    private final RedoQueue queue = new RedoQueue(EngineThreads.SYSTEM, BATCHES, BATCH_BYTES);

    @Test
    void theSameFewBatchesServeALogOfAnyLength() throws InterruptedException {
        Set<RedoBatch> seen = new HashSet<>();
        Set<Long> taken = new HashSet<>();
        Thread worker = new Thread(() -> {
            for (RedoBatch batch = queue.take(); batch != null; batch = queue.take()) {
                taken.add(RedoBatch.lsn(batch.first()));
                queue.release();
            }
        });
        worker.start();
        for (long lsn = 1; lsn <= 10_000; lsn++) {
            RedoBatch batch = queue.awaitEmpty();
            assertEquals(0, batch.count());
            seen.add(batch);
            batch.add(lsn, 1, 1, 1, batch.first(), 0);
            queue.publish(batch);
        }
        queue.end();
        worker.join();
        assertEquals(10_000, taken.size());
        assertTrue(seen.size() <= BATCHES, "batches: " + seen.size());
    }

    @Test
    void theReaderWaitsUntilABatchIsReleased() throws InterruptedException {
        RedoBatch first = fillAll();
        RedoBatch[] got = new RedoBatch[1];
        Thread reader = new Thread(() -> got[0] = queue.awaitEmpty());
        reader.start();
        awaitParked(reader);
        assertNull(got[0]);
        assertSame(first, queue.take());
        queue.release();
        reader.join();
        assertSame(first, got[0]);
        assertEquals(0, got[0].count());
    }

    @Test
    void aFailureOfTheWorkerWakesTheReader() throws InterruptedException {
        fillAll();
        RedoBatch[] got = {new RedoBatch(BATCH_BYTES)};
        Thread reader = new Thread(() -> got[0] = queue.awaitEmpty());
        reader.start();
        awaitParked(reader);
        IllegalStateException cause = new IllegalStateException("worker");
        queue.fail(cause);
        reader.join();
        assertNull(got[0]);
        assertSame(cause, queue.failure());
    }

    @Test
    void whatIsPublishedBeforeTheEndIsAppliedAndNothingAfterCancelling() {
        RedoBatch first = queue.awaitEmpty();
        queue.publish(first);
        queue.publish(queue.awaitEmpty());
        queue.end();
        assertSame(first, queue.take());
        queue.release();
        queue.cancel();
        assertNull(queue.take());
    }

    private static void awaitParked(Thread thread) {
        while (thread.getState() != Thread.State.TIMED_WAITING) {
            assertTrue(thread.isAlive());
            Thread.onSpinWait();
        }
    }

    private RedoBatch fillAll() {
        RedoBatch first = null;
        for (int i = 0; i < BATCHES; i++) {
            RedoBatch batch = queue.awaitEmpty();
            first = first == null ? batch : first;
            batch.add(1, 1, 1, 1, batch.first(), 0);
            queue.publish(batch);
        }
        return first;
    }
}
