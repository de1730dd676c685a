package io.millrace.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.millrace.common.EngineThreads;
import io.millrace.testkit.Seeds;
import io.millrace.testkit.SimulatedThreads;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Windows reach every worker in their order, and are filled again only when all have released them, whoever runs when. */
final class LogWindowsTest {
    private static final int COUNT = 200;
    private static final int WORKERS = 3;

    @Test
    void everyWorkerSeesEveryWindowAsItWasFilled() {
        Seeds.forEach(20, (seed, random) -> {
            SimulatedThreads machine = new SimulatedThreads(seed);
            LogWindows windows = new LogWindows(machine, WORKERS, (1 + random.nextInt(6)) * (4L << 20));
            AtomicInteger done = new AtomicInteger();
            machine.run(() -> {
                Thread[] workers = new Thread[WORKERS];
                for (int i = 0; i < WORKERS; i++) {
                    int worker = i;
                    workers[i] = machine.start("worker-" + i, () -> done.addAndGet(work(machine, windows, worker)));
                }
                for (int i = 0; i < COUNT; i++) {
                    windows.awaitEmpty().add(i);
                    windows.publish();
                }
                windows.end();
                for (Thread worker : workers) {
                    machine.join(worker);
                }
            });
            assertEquals(WORKERS * COUNT, done.get());
            windows.free();
        });
    }

    private static int work(SimulatedThreads machine, LogWindows windows, int worker) {
        int taken = 0;
        for (LogWindow window = windows.await(0); window != null; window = windows.await(taken)) {
            assertEquals(1, window.count());
            assertEquals(taken, window.block(0));
            machine.park(windows, 1 + taken % 7);
            // Still what it was: nobody fills what this one has not released.
            assertEquals(taken, window.block(0));
            if (++taken % windows.group() == 0) {
                windows.release(worker, taken);
            }
        }
        return taken;
    }

    @Test
    void theReaderLearnsThatAWorkerHasFailed() {
        LogWindows windows = new LogWindows(EngineThreads.SYSTEM, 2, 0);
        Throwable cause = new IllegalStateException("broken");
        assertNotNull(windows.awaitEmpty());
        windows.publish();
        windows.fail(cause);
        windows.fail(new IllegalStateException("later"));
        assertNull(windows.awaitEmpty());
        assertSame(cause, windows.failure());
        windows.free();
    }

    @Test
    void aCancelledPassIsOverForItsWorkers() {
        LogWindows windows = new LogWindows(EngineThreads.SYSTEM, 1, 0);
        windows.awaitEmpty();
        windows.publish();
        windows.cancel();
        assertNull(windows.await(0));
        windows.free();
    }
}
