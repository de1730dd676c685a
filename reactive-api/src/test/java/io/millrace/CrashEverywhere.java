package io.millrace;

import io.millrace.buffer.DataFile;
import io.millrace.buffer.DoubleWriteArea;
import io.millrace.recovery.ControlFile;
import io.millrace.testkit.IoKind;
import io.millrace.testkit.ScheduledDirectory;
import io.millrace.testkit.SimulatedDirectory;
import io.millrace.testkit.SimulatedThreads;
import io.millrace.wal.Wal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.EnumMap;
import java.util.Map;
import java.util.Random;

/**
 * One workload, and a power loss at every single call that changes the disk: each time what the power loss may leave is recovered on a machine of
 * its own and compared with what was certain at that moment. Of some of these recoveries, or all, the same again: a power loss at every call.
 */
final class CrashEverywhere {
    private static final int CLIENTS = 2;
    private static final long FORCING_NANOS = 100_000;
    private static final int PAGE = 4096;
    private static final int HOARD = 160;

    private final Random dice;
    private final Configuration configuration;
    private final int sample;
    private final int outcomes;
    private long points;
    private long pointsInRecovery;
    private long pagesMoved;
    private long recoveriesWithLosers;
    private boolean created;
    private final Map<Feature, Long> seen = new EnumMap<>(Feature.class);

    /** What the workload must have gone through, so that a crash can hit it. */
    enum Feature {
        LOG_BLOCK,
        SEGMENT_PREPARED,
        SEGMENT_RECYCLED,
        DOUBLE_WRITE,
        PAGE_HOME,
        FILE_GROWTH,
        FILE_CUT,
        CHECKPOINT
    }

    /**
     * A workload from a seed.
     *
     * @param sample every how many-th recovery is itself cut short at every call
     * @param outcomes how many outcomes of a power loss at each call are looked at
     */
    CrashEverywhere(long seed, int sample, int outcomes) {
        dice = new Random(seed);
        String[] modes = {"force", "dsync", "direct"};
        configuration = SimulatedStore.settings(dice, modes[(int) Math.floorMod(seed, 3L)], "0s");
        this.sample = sample;
        this.outcomes = outcomes;
    }

    void run(int actions) {
        SimulatedDirectory disk = new SimulatedDirectory(dice.nextLong());
        disk.tornAtAnyByte(name -> name.endsWith(".log"));
        SimulatedThreads machine = new SimulatedThreads(dice.nextLong());
        SimulationModel model = new SimulationModel(CLIENTS);
        ScheduledDirectory directory = new ScheduledDirectory(disk, machine, (kind, name, position, bytes) -> {
            if (kind.isChange()) {
                note(kind, name, bytes);
                crash(disk, machine, model);
            }
        });
        machine.run(() -> work(machine, directory, model, actions));
    }

    private void work(SimulatedThreads machine, ScheduledDirectory directory, SimulationModel model, int actions) {
        try {
            SimulatedStore simulated = SimulatedStore.open(machine, directory, configuration);
            created = true;
            simulated.hoard(HOARD);
            model.openAccounts(simulated);
            Thread[] clients = new Thread[CLIENTS];
            for (int i = 0; i < clients.length; i++) {
                clients[i] = machine.start(
                        "client-" + i,
                        new SimulatedClient(simulated, model, i, new Random(dice.nextLong()), false).times(actions));
            }
            boolean[] done = new boolean[1];
            Thread forcing = machine.start("forcing", () -> forceUnfinished(simulated, done));
            for (Thread client : clients) {
                machine.join(client);
            }
            done[0] = true;
            machine.join(forcing);
            simulated.awaitQuiet();
            model.check(simulated, false);
            simulated.giveUpHoard();
            simulated.compacted(simulated.await(simulated.store().compact(Long.MAX_VALUE)));
            pagesMoved = simulated.pagesMoved();
            model.check(simulated, false);
            simulated.close();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Makes durable what nobody waits for, as page cleaners do: changes of transactions that have not ended. */
    private static void forceUnfinished(SimulatedStore simulated, boolean[] done) {
        Wal wal = simulated.assembly().wal();
        while (!done[0]) {
            wal.awaitDurable(wal.claimedLsn());
            simulated.machine().park(simulated, FORCING_NANOS);
        }
    }

    private void note(IoKind kind, String name, ByteBuffer bytes) {
        if (kind == IoKind.TRUNCATE && name.equals(DataFile.NAME)) {
            seen(Feature.FILE_CUT);
        } else if (kind == IoKind.RENAME) {
            seen(Feature.SEGMENT_RECYCLED);
        } else if (kind == IoKind.CREATE && name.endsWith(".log")) {
            seen(Feature.SEGMENT_PREPARED);
        } else if (kind == IoKind.WRITE && name.equals(DataFile.NAME) && bytes.remaining() > PAGE) {
            seen(Feature.FILE_GROWTH);
        } else if (kind == IoKind.WRITE && created) {
            switch (name) {
                case DataFile.NAME -> seen(Feature.PAGE_HOME);
                case DoubleWriteArea.NAME -> seen(Feature.DOUBLE_WRITE);
                case ControlFile.NAME -> seen(Feature.CHECKPOINT);
                default -> seen(Feature.LOG_BLOCK);
            }
        }
    }

    private void seen(Feature feature) {
        seen.merge(feature, 1L, Long::sum);
    }

    /** How often the workload did this. */
    long count(Feature feature) {
        return seen.getOrDefault(feature, 0L);
    }

    private void crash(SimulatedDirectory disk, SimulatedThreads machine, SimulationModel model) {
        try {
            for (int i = 0; i < outcomes; i++) {
                points++;
                recover(disk.afterPowerLoss(dice), model.copy(), points % sample == 0);
            }
        } catch (AssertionError failure) {
            machine.fail(new AssertionError("power loss " + points, failure));
        }
    }

    /** Recovers on a machine of its own; with {@code everywhere} loses power again at each call until the store is open. */
    private void recover(SimulatedDirectory disk, SimulationModel model, boolean everywhere) {
        SimulatedThreads machine = new SimulatedThreads(dice.nextLong());
        boolean[] open = new boolean[1];
        SimulationModel before = model.copy();
        ScheduledDirectory directory = new ScheduledDirectory(disk, machine, (kind, name, position, bytes) -> {
            if (everywhere && kind.isChange() && !open[0]) {
                pointsInRecovery++;
                crashInRecovery(disk, machine, before);
            }
        });
        machine.run(() -> {
            try {
                SimulatedStore simulated = SimulatedStore.open(machine, directory, configuration);
                open[0] = true;
                recoveriesWithLosers += simulated.store().recoveryReport().transactionsRolledBack() > 0 ? 1 : 0;
                model.check(simulated, true);
                simulated.awaitQuiet();
                simulated.checkTrees();
                simulated.close();
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
        });
    }

    private void crashInRecovery(SimulatedDirectory disk, SimulatedThreads machine, SimulationModel model) {
        try {
            recover(disk.afterPowerLoss(dice), model.copy(), false);
        } catch (AssertionError failure) {
            machine.fail(new AssertionError("power loss " + pointsInRecovery + " in a recovery", failure));
        }
    }

    long points() {
        return points;
    }

    /** By compactions of the workload. */
    long pagesMoved() {
        return pagesMoved;
    }

    long pointsInRecovery() {
        return pointsInRecovery;
    }

    long recoveriesWithLosers() {
        return recoveriesWithLosers;
    }
}
