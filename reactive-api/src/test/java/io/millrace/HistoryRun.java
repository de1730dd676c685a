package io.millrace;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.testkit.SimulatedDirectory;
import io.millrace.testkit.history.HistoryChecker;
import io.millrace.testkit.history.Level;
import io.millrace.testkit.history.Life;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * The engine with its own threads, on a simulated disk that can be cut off at any moment: what then becomes of the old engine does not matter, a
 * new one opens what power loss, or the death of the process, has left.
 */
final class HistoryRun {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int CLIENTS = 12;

    private final HistoryWorkload workload;
    private final Random random;
    private final Configuration configuration;
    private SimulatedDirectory disk;
    private int crashes;
    private EngineAssembly assembly;

    HistoryRun(Level level, Random random) {
        workload = new HistoryWorkload(level);
        this.random = random;
        configuration = Configuration.of(
                Map.of(),
                Map.ofEntries(
                        Map.entry("buffer-pool.page-size", "4KiB"),
                        Map.entry("buffer-pool.size", "256KiB"),
                        Map.entry("wal.segment-size", "128KiB"),
                        Map.entry("wal.ring-slots", "512"),
                        Map.entry("wal.slot-size", "128B"),
                        Map.entry("checkpoint.interval", "50ms"),
                        Map.entry("checkpoint.log-bytes", "128KiB"),
                        Map.entry("reactive.completion-threads", "3"),
                        Map.entry("transaction.lock-timeout", "100ms")),
                new Properties());
        disk = new SimulatedDirectory(random.nextLong());
        disk.tornAtAnyByte(name -> name.endsWith(".log"));
    }

    /** So many lives, in each so many transactions, then a check of all of them together; answers what there was. */
    String run(int lives, int transactionsPerLife) throws IOException {
        for (int i = 0; i < lives; i++) {
            live(transactionsPerLife / 2 + random.nextInt(transactionsPerLife));
        }
        MillraceStore store = open();
        workload.readAll(store, workload.history().life()).block(PATIENCE);
        store.close().block(PATIENCE);
        assertEquals(List.of(), HistoryChecker.check(workload.history(), workload.level()));
        return workload.level() + ": " + workload.acknowledged() + " commits in "
                + workload.history().transactions().size() + " attempts, " + crashes + " crashes";
    }

    private MillraceStore open() throws IOException {
        assembly = EngineAssembly.open(disk, configuration, cause -> {});
        return new MillraceStore(new StoreEngine(assembly, configuration, "simulated"), false);
    }

    private void live(int transactions) throws IOException {
        MillraceStore store = open();
        Life life = workload.history().life();
        workload.readAll(store, life).block(PATIENCE);
        AtomicBoolean stopped = new AtomicBoolean();
        long enough = workload.acknowledged() + transactions;
        Random dice = new Random(random.nextLong());
        Mono<Void> clients = Flux.range(0, CLIENTS)
                .flatMap(
                        i -> client(store, life, new Random(dice.nextLong()), stopped, enough)
                                .subscribeOn(Schedulers.parallel()),
                        CLIENTS)
                .then();
        if (random.nextInt(4) == 0) {
            clients.block(PATIENCE);
            store.close().block(PATIENCE);
            life.cut();
            return;
        }
        Mono<Void> running = clients.cache();
        running.subscribe(nothing -> {}, failure -> {});
        awaitCommits(enough);
        crash(life);
        stopped.set(true);
        awaitEnd(running, store);
        store.close().block(PATIENCE);
    }

    private void awaitEnd(Mono<Void> running, MillraceStore store) {
        try {
            running.block(PATIENCE);
        } catch (IllegalStateException late) {
            throw new AssertionError(
                    "clients hang: " + workload.underWay() + ", " + store.stats() + ", frames "
                            + assembly.pool().heldFrames() + ", "
                            + assembly.wal().stats(),
                    late);
        }
    }

    private void awaitCommits(long enough) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (workload.acknowledged() < enough) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("no progress: " + workload.acknowledged() + " commits of " + enough);
            }
            Thread.onSpinWait();
        }
    }

    private void crash(Life life) {
        life.crashing();
        disk = random.nextBoolean() ? disk.afterPowerLoss(random) : disk.afterKill();
        life.cut();
        crashes++;
    }

    private Mono<Void> client(Store store, Life life, Random own, AtomicBoolean stopped, long enough) {
        return Mono.defer(() -> workload.next(store, life, own))
                .repeat(() -> !stopped.get() && workload.acknowledged() < enough + CLIENTS)
                .then();
    }
}
