package io.millrace.txn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.common.EngineThreads;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class WorkersTest {
    /** Somebody else closes; the task of the only worker learns of it while it runs, and waits for the end as well. */
    @Test
    void aWorkerThatStepsAsideDuringTheCloseIsNotWaitedFor() throws InterruptedException {
        Workers workers = new Workers("worker", 1, EngineThreads.SYSTEM);
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch over = new CountDownLatch(1);
        CountDownLatch closed = new CountDownLatch(1);
        AtomicInteger done = new AtomicInteger();
        Thread closer = new Thread(() -> {
            workers.close();
            closed.countDown();
        });
        workers.execute(() -> {
            running.countDown();
            while (closer.getState() != Thread.State.TIMED_WAITING) {
                Thread.onSpinWait();
            }
            workers.stepAside();
            awaitQuietly(closed);
            over.countDown();
        });
        assertTrue(running.await(60, TimeUnit.SECONDS));
        workers.execute(done::incrementAndGet);
        closer.start();
        assertTrue(closed.await(60, TimeUnit.SECONDS));
        assertEquals(1, done.get(), "what was queued is done by then");
        assertTrue(over.await(60, TimeUnit.SECONDS));
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
