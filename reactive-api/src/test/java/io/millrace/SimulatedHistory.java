package io.millrace;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.testkit.Fault;
import io.millrace.testkit.FaultPlan;
import io.millrace.testkit.ScheduledDirectory;
import io.millrace.testkit.SimulatedDirectory;
import io.millrace.testkit.SimulatedThreads;
import io.millrace.testkit.history.HistoryChecker;
import io.millrace.testkit.history.Level;
import io.millrace.testkit.history.Life;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Random;

/** The same as {@link HistoryRun} on a simulated machine, where the seed decides about all, and crashes come at any call on the disk. */
final class SimulatedHistory {
    private final HistoryWorkload workload;
    private final Random random;
    private final Configuration configuration;
    private SimulatedDirectory disk;

    SimulatedHistory(Level level, long seed) {
        workload = new HistoryWorkload(level);
        random = new Random(seed);
        configuration = SimulatedStore.settings(random, "force", "0s", "", random.nextBoolean() ? "64KiB" : "1MiB");
        disk = new SimulatedDirectory(random.nextLong());
        disk.tornAtAnyByte(name -> name.endsWith(".log"));
    }

    /** Answers how many transactions were acknowledged. */
    long run() {
        int lives = 2 + random.nextInt(3);
        for (int i = 0; i < lives; i++) {
            live(i == lives - 1 || random.nextInt(4) == 0 ? 0 : 10 + random.nextInt(300));
        }
        live(0);
        assertEquals(List.of(), HistoryChecker.check(workload.history(), workload.level()));
        return workload.acknowledged();
    }

    /** One life, which ends with this call that changes the disk, or in order if it is 0. */
    private void live(int lastChange) {
        SimulatedThreads machine = new SimulatedThreads(random.nextLong());
        disk.faults(
                lastChange == 0
                        ? FaultPlan.none()
                        : FaultPlan.none()
                                .atChange(lastChange, random.nextBoolean() ? Fault.CRASH : Fault.CRASH_AFTER));
        Life life = workload.history().life();
        SimulatedStore[] opened = new SimulatedStore[1];
        machine.run(() -> opened[0] = work(machine, life, opened));
        life.cut();
        boolean crashed = machine.isStopped();
        if (crashed && opened[0] != null) {
            opened[0].assembly().context().engine().versions().freeAll();
        }
        disk = crashed && random.nextBoolean() ? disk.crash(random) : disk.kill();
    }

    private SimulatedStore work(SimulatedThreads machine, Life life, SimulatedStore[] opened) {
        SimulatedStore simulated;
        try {
            simulated = SimulatedStore.open(
                    machine, new ScheduledDirectory(disk, machine, (kind, name, at, bytes) -> {}), configuration);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        opened[0] = simulated;
        simulated.await(workload.readAll(simulated.store(), life));
        Thread[] clients = new Thread[1 + random.nextInt(6)];
        for (int i = 0; i < clients.length; i++) {
            Random own = new Random(random.nextLong());
            clients[i] = machine.start("client-" + i, () -> {
                for (int rest = 10 + own.nextInt(40); rest > 0; rest--) {
                    simulated.await(workload.next(simulated.store(), life, own));
                }
            });
        }
        for (Thread client : clients) {
            machine.join(client);
        }
        simulated.await(workload.readAll(simulated.store(), life));
        simulated.awaitQuiet();
        simulated.close();
        return simulated;
    }
}
