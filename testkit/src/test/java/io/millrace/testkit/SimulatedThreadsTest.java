package io.millrace.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.common.Completion;
import io.millrace.common.EngineLock;
import io.millrace.storage.OpenMode;
import io.millrace.storage.StorageFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The scheduler of simulations: same seed, same run; other seed, other order; what hangs is told; what stops ends. */
final class SimulatedThreadsTest {
    private final List<String> log = new ArrayList<>();

    private String race(long seed) {
        log.clear();
        SimulatedThreads machine = new SimulatedThreads(seed);
        machine.run(() -> {
            for (String name : List.of("a", "b", "c")) {
                machine.start(name, () -> {
                    for (int i = 0; i < 3; i++) {
                        log.add(name);
                        machine.park(this, 1_000);
                    }
                });
            }
            machine.joinOthers();
        });
        return String.join("", log) + machine.trace();
    }

    @Test
    void sameSeedSameRunOtherSeedOtherRun() {
        Set<String> runs = new HashSet<>();
        for (long seed = 0; seed < 20; seed++) {
            String run = race(seed);
            assertEquals(run, race(seed));
            assertEquals(9, log.size());
            runs.add(run);
        }
        assertTrue(runs.size() > 15, runs.toString());
    }

    @Test
    void clockMovesOnlyWhenAllSleep() {
        SimulatedThreads machine = new SimulatedThreads(1);
        machine.run(() -> {
            long before = machine.nanoTime();
            machine.park(this, 3_600_000_000_000L);
            long slept = machine.nanoTime() - before;
            // A nap may end early, but not by itself twice in a row for ever.
            while (slept < 3_600_000_000_000L) {
                machine.park(this, 3_600_000_000_000L);
                slept = machine.nanoTime() - before;
            }
        });
    }

    @Test
    void deadlockIsAFailureThatNamesTheThreads() {
        SimulatedThreads machine = new SimulatedThreads(2);
        Completion never = new Completion(machine);
        AssertionError failure = assertThrows(
                AssertionError.class,
                () -> machine.run(() -> {
                    machine.start("waiter", never::await);
                    machine.joinOthers();
                }));
        assertTrue(failure.getMessage().contains("deadlock")
                && failure.getMessage().contains("waiter"));
    }

    @Test
    void whatAThreadThrowsFailsTheRun() {
        SimulatedThreads machine = new SimulatedThreads(3);
        AssertionError failure = assertThrows(
                AssertionError.class,
                () -> machine.run(() -> {
                    machine.start("thrower", () -> {
                        throw new IllegalStateException("thrown");
                    });
                    machine.joinOthers();
                }));
        assertTrue(failure.getMessage().contains("thrown"));
    }

    @Test
    void lockIsHeldAcrossParks() {
        for (long seed = 0; seed < 50; seed++) {
            SimulatedThreads machine = new SimulatedThreads(seed);
            EngineLock lock = new EngineLock(machine);
            boolean[] held = new boolean[1];
            machine.run(() -> {
                for (int i = 0; i < 3; i++) {
                    machine.start("locker", () -> {
                        lock.lock();
                        assertFalse(held[0]);
                        held[0] = true;
                        machine.park(this, 1_000);
                        held[0] = false;
                        lock.unlock();
                    });
                }
                machine.joinOthers();
            });
        }
    }

    @Test
    void crashOfTheDiskEndsEveryThread() {
        SimulatedThreads machine = new SimulatedThreads(4);
        SimulatedDirectory disk = new SimulatedDirectory(4);
        disk.faults(FaultPlan.none().at(IoKind.FORCE, 3, Fault.CRASH));
        ScheduledDirectory directory = new ScheduledDirectory(disk, machine, (kind, name, position, bytes) -> {});
        int[] ends = new int[1];
        machine.run(() -> {
            for (int i = 0; i < 3; i++) {
                String name = "file-" + i;
                machine.start(name, () -> writeForEver(directory, name, ends));
            }
            try {
                machine.joinOthers();
            } finally {
                ends[0]++;
            }
        });
        assertTrue(machine.isStopped());
        assertEquals(4, ends[0]);
    }

    private static void writeForEver(ScheduledDirectory directory, String name, int[] ends) {
        try (StorageFile file = directory.open(name, OpenMode.CREATE)) {
            for (long at = 0; ; at++) {
                file.write(at, ByteBuffer.allocate(1));
                file.force(false);
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } finally {
            ends[0]++;
        }
    }
}
