package io.millrace.common;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

/** What engine threads wait by, on the threads of the JVM. */
final class WaitingTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int THREADS = 4;
    private static final int ROUNDS = 5_000;

    private final EngineThreads threads = EngineThreads.SYSTEM;
    private int guarded;

    @Test
    void oneAtATimeHoldsTheLock() {
        EngineLock lock = new EngineLock(threads);
        List<Thread> started = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            started.add(threads.start("locker", () -> {
                for (int round = 0; round < ROUNDS; round++) {
                    lock.lock();
                    guarded++;
                    lock.unlock();
                }
            }));
        }
        assertTimeoutPreemptively(PATIENCE, () -> started.forEach(threads::join));
        lock.lock();
        assertEquals(THREADS * ROUNDS, guarded);
    }

    @Test
    void completionWakesWhoWaitsAndKeepsTheFirstOutcome() {
        for (int round = 0; round < ROUNDS / 10; round++) {
            Completion event = new Completion(threads);
            Thread waiter = threads.start("waiter", event::await);
            event.complete();
            event.fail(new IllegalStateException("too late"));
            assertTimeoutPreemptively(PATIENCE, () -> threads.join(waiter));
            event.await();
        }
    }

    @Test
    void failureReachesWhoWaits() {
        IllegalStateException cause = new IllegalStateException("it never will");
        Completion event = new Completion(threads);
        event.fail(cause);
        assertSame(cause, assertThrows(IllegalStateException.class, event::await));
        Completion checked = new Completion(threads);
        checked.fail(new Exception("checked"));
        assertEquals(
                "checked",
                assertThrows(CompletionException.class, checked::await)
                        .getCause()
                        .getMessage());
    }

    @Test
    void interruptNeitherEndsAWaitNorIsLost() {
        Completion event = new Completion(threads);
        Completion begun = new Completion(threads);
        boolean[] interrupted = new boolean[1];
        Thread waiter = threads.start("waiter", () -> {
            begun.complete();
            event.await();
            interrupted[0] = Thread.interrupted();
        });
        begun.await();
        waiter.interrupt();
        assertTrue(waiter.isAlive());
        event.complete();
        assertTimeoutPreemptively(PATIENCE, () -> threads.join(waiter));
        assertTrue(interrupted[0]);
    }

    @Test
    void joinOfOneselfReturnsAndChanceVaries() {
        threads.join(Thread.currentThread());
        assertFalse(threads.random() == threads.random());
    }
}
