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

/** Groups reach every worker in their order, and are filled again only when all have released them, whoever runs when. */
final class RedoGroupsTest {
    private static final int COUNT = 200;
    private static final int WORKERS = 3;

    @Test
    void everyWorkerSeesEveryGroupAsItWasFilled() {
        Seeds.forEach(20, (seed, random) -> {
            SimulatedThreads machine = new SimulatedThreads(seed);
            RedoGroups groups = new RedoGroups(machine, WORKERS, (1 + random.nextInt(6)) * (4L << 20));
            AtomicInteger done = new AtomicInteger();
            machine.run(() -> {
                Thread[] workers = new Thread[WORKERS];
                for (int i = 0; i < WORKERS; i++) {
                    int worker = i;
                    workers[i] = machine.start("worker-" + i, () -> done.addAndGet(work(machine, groups, worker)));
                }
                for (int i = 0; i < COUNT; i++) {
                    RedoGroup group = groups.awaitEmpty();
                    for (int worker = 0; worker < WORKERS; worker++) {
                        group.batch(worker).add(i, 0, 0, 0, 0, 0);
                    }
                    groups.publish();
                }
                groups.end();
                for (Thread worker : workers) {
                    machine.join(worker);
                }
            });
            assertEquals(WORKERS * COUNT, done.get());
            groups.free();
        });
    }

    private static int work(SimulatedThreads machine, RedoGroups groups, int worker) {
        int taken = 0;
        for (RedoGroup group = groups.await(0); group != null; group = groups.await(taken)) {
            assertHolds(taken, group.batch(worker));
            machine.park(groups, 1 + taken % 7);
            // Still what it was: nobody fills what this one has not released.
            assertHolds(taken, group.batch(worker));
            groups.release(worker, ++taken);
        }
        return taken;
    }

    private static void assertHolds(long lsn, RedoBatch batch) {
        assertEquals(1, batch.count());
        assertEquals(lsn, RedoBatch.lsn(batch.entry(0)));
    }

    @Test
    void theReaderLearnsThatAWorkerHasFailed() {
        RedoGroups groups = new RedoGroups(EngineThreads.SYSTEM, 2, 0);
        Throwable cause = new IllegalStateException("broken");
        assertNotNull(groups.awaitEmpty());
        groups.publish();
        groups.fail(cause);
        groups.fail(new IllegalStateException("later"));
        assertNull(groups.awaitEmpty());
        assertSame(cause, groups.failure());
        groups.free();
    }

    @Test
    void aCancelledPassIsOverForItsWorkers() {
        RedoGroups groups = new RedoGroups(EngineThreads.SYSTEM, 1, 0);
        groups.awaitEmpty();
        groups.publish();
        groups.cancel();
        assertNull(groups.await(0));
        groups.free();
    }
}
