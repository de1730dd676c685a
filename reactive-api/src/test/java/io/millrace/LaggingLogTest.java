package io.millrace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.testkit.ScheduledDirectory;
import io.millrace.testkit.Seeds;
import io.millrace.testkit.SimulatedCrash;
import io.millrace.testkit.SimulatedDirectory;
import io.millrace.testkit.SimulatedThreads;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** With {@code wal.sync=interval} or {@code none} power loss takes commits from the end, each as a whole, and nothing that was durable. */
final class LaggingLogTest {
    private static final int PARTS = 3;

    private final List<String> expected = new ArrayList<>();
    private long number;
    /** Keys that must be there after the next restart. */
    private int least;

    private int lost;

    @Test
    void powerLossTakesCommitsFromTheEnd() throws Exception {
        QuietLog.during(() -> Seeds.forEach(25, (seed, dice) -> {
            expected.clear();
            number = 0;
            least = 0;
            SimulatedDirectory disk = new SimulatedDirectory(seed);
            disk.tornAtAnyByte(name -> name.endsWith(".log"));
            for (int life = 0; life < 4; life++) {
                Configuration configuration = SimulatedStore.settings(
                        new Random(dice.nextLong()), dice.nextBoolean() ? "none" : "interval(5ms)", "0s");
                disk = live(disk, configuration, dice);
            }
        }));
        assertTrue(lost > 0, "power loss never took anything: nothing was tested");
    }

    /**
     * A checkpoint that no longer sees a transaction whose commit is only written: were that commit lost, what it changed before the checkpoint would
     * stay, while what was committed before it is gone.
     */
    @Test
    void aCheckpointForcesTheEndsItRestsOn() throws Exception {
        QuietLog.during(() -> {
            SimulatedDirectory disk = new SimulatedDirectory(1);
            Configuration configuration = SimulatedStore.settings(new Random(5), "none", "0s", "1h");
            onMachine(disk, configuration, simulated -> {
                OrderedMap<String, String> map = simulated.store().map("m", Codecs.utf8(), Codecs.utf8());
                Transaction late = simulated.await(simulated.store().begin(TransactionOptions.defaults()));
                simulated.await(map.in(late).put("late", "1"));
                simulated.await(map.put("first", "1"));
                simulated.await(simulated.store().checkpoint());
                simulated.await(map.put("second", "1"));
                simulated.await(late.commit());
                simulated.await(simulated.store().checkpoint());
            });
            // Nothing unforced is left: the hardest power loss of all.
            SimulatedDirectory after = disk.crash(new Random() {
                @Override
                public int nextInt(int bound) {
                    return 0;
                }
            });
            onMachine(after, configuration, simulated -> {
                OrderedMap<String, String> map = simulated.store().map("m", Codecs.utf8(), Codecs.utf8());
                String second = simulated.await(map.get("second"));
                String committedAfter = simulated.await(map.get("late"));
                assertTrue(second != null || committedAfter == null, "the last commit is there, the one before is not");
            });
        });
    }

    private static void onMachine(SimulatedDirectory disk, Configuration configuration, Consumer<SimulatedStore> work) {
        SimulatedThreads machine = new SimulatedThreads(7);
        machine.run(() -> {
            try {
                ScheduledDirectory directory = new ScheduledDirectory(disk, machine, (kind, name, at, bytes) -> {});
                work.accept(SimulatedStore.open(machine, directory, configuration));
                machine.stop();
                throw new SimulatedCrash("the end of the work");
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
        });
    }

    private SimulatedDirectory live(SimulatedDirectory disk, Configuration configuration, Random dice) {
        SimulatedThreads machine = new SimulatedThreads(dice.nextLong());
        AtomicReference<SimulatedStore> opened = new AtomicReference<>();
        List<Long> lsns = new ArrayList<>();
        machine.run(() -> {
            try {
                ScheduledDirectory directory = new ScheduledDirectory(disk, machine, (kind, name, at, bytes) -> {});
                SimulatedStore simulated = SimulatedStore.open(machine, directory, configuration);
                check(simulated);
                opened.set(simulated);
                commit(simulated, 1 + dice.nextInt(80), lsns);
                machine.stop();
                throw new SimulatedCrash("the end of the work");
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
        });
        long durable = opened.get().store().durableLsn();
        long certain = number - lsns.stream().filter(lsn -> lsn > durable).count();
        least = (int) certain * PARTS;
        return dice.nextInt(4) == 0 ? killed(disk) : disk.crash(dice);
    }

    private SimulatedDirectory killed(SimulatedDirectory disk) {
        least = expected.size();
        return disk.kill();
    }

    private void commit(SimulatedStore simulated, int times, List<Long> lsns) {
        OrderedMap<String, String> map = simulated.store().map("m", Codecs.utf8(), Codecs.utf8());
        for (int i = 0; i < times; i++) {
            Transaction tx = simulated.await(simulated.store().begin(TransactionOptions.defaults()));
            for (int part = 0; part < PARTS; part++) {
                simulated.await(map.in(tx).put(key(number, part), "x".repeat(100)));
            }
            CommitInfo info = simulated.await(tx.commit());
            assertTrue(info.relaxed());
            lsns.add(info.lsn());
            for (int part = 0; part < PARTS; part++) {
                expected.add(key(number, part));
            }
            number++;
        }
    }

    private static String key(long number, int part) {
        return String.format("%06d-%d", number, part);
    }

    private void check(SimulatedStore simulated) {
        OrderedMap<String, String> map = simulated.store().map("m", Codecs.utf8(), Codecs.utf8());
        List<String> found =
                simulated.await(map.scan(Range.all()).map(Entry::key).collectList());
        assertTrue(found.size() >= least, "what was durable is lost: " + found.size() + " of " + least);
        assertEquals(expected.subList(0, found.size()), found);
        assertEquals(0, found.size() % PARTS);
        lost += expected.size() - found.size();
        expected.subList(found.size(), expected.size()).clear();
        number = found.size() / PARTS;
        simulated.checkTrees();
    }
}
