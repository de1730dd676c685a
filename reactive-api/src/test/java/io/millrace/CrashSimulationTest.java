package io.millrace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.testkit.Fault;
import io.millrace.testkit.FaultPlan;
import io.millrace.testkit.Seeds;
import io.millrace.testkit.SimulatedCrash;
import io.millrace.testkit.SimulatedDirectory;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLongArray;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The whole engine on the simulated disk, which loses power at a random change of a file: what was acknowledged is there afterwards (L2), a
 * transaction is there as a whole or not at all (L3, L4). Some of the recoveries lose power too.
 *
 * <p>Each group of three entries, far apart in the map, is written by transactions that give all three the same, rising number.
 */
final class CrashSimulationTest {
    private static final int RUNS = Boolean.getBoolean("millrace.stress") ? 2000 : 40;
    private static final int GROUPS = 60;
    private static final int WRITERS = 4;
    private static final int TRANSACTIONS = 150;
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Map<String, String> SETTINGS = Map.of(
            "buffer-pool.page-size", "4KiB",
            "buffer-pool.size", "1MiB",
            "wal.segment-size", "256KiB",
            "wal.ring-slots", "256",
            "checkpoint.interval", "5ms",
            "checkpoint.log-bytes", "64KiB",
            "reactive.completion-threads", "2",
            "reactive.io-threads", "1",
            "transaction.table-size", "16384");

    private static Store open(SimulatedDirectory directory) throws IOException {
        Configuration configuration = Configuration.of(Map.of(), SETTINGS, new Properties());
        EngineAssembly assembly = EngineAssembly.open(directory, configuration, cause -> {});
        return new MillraceStore(new StoreEngine(assembly, configuration, directory.describe()), false);
    }

    @Test
    void acknowledgedTransactionsSurvivePowerLossAsAWhole() {
        Seeds.forEach(RUNS, (seed, random) -> new Run(seed, random).run());
    }

    /** One store, crashed several times. */
    private static final class Run {
        private final Random random;
        private final AtomicLongArray acknowledged = new AtomicLongArray(GROUPS);
        private final AtomicLongArray attempted = new AtomicLongArray(GROUPS);
        private SimulatedDirectory directory;

        Run(long seed, Random random) {
            this.random = random;
            directory = new SimulatedDirectory(seed);
            directory.tornAtAnyByte(name -> name.endsWith(".log"));
        }

        void run() throws IOException {
            for (int life = 0; life < 4; life++) {
                directory.faults(FaultPlan.none().atChange(1 + random.nextInt(life == 0 ? 400 : 250), Fault.CRASH));
                live();
                directory = directory.crash(random);
            }
            Store store = open(directory);
            verify(store);
            store.close().block(LIMIT);
            store = open(directory);
            verify(store);
            store.close().block(LIMIT);
        }

        private void live() throws IOException {
            Store store = null;
            try {
                store = open(directory);
                verify(store);
                work(store);
                store.close().block(LIMIT);
            } catch (SimulatedCrash crash) {
                // In opening.
            } catch (RuntimeException failure) {
                assertTrue(directory.isStopped(), () -> "failed without a crash: " + failure);
            } finally {
                if (store != null) {
                    // The process is dead; only its threads have to go.
                    store.close().onErrorComplete().block(LIMIT);
                }
            }
        }

        private void work(Store store) {
            OrderedMap<String, byte[]> map = store.map("groups", Codecs.utf8(), Codecs.bytes());
            OrderedMap<String, Long> counters = store.map("counters", Codecs.utf8(), Codecs.int64());
            long salt = random.nextLong();
            Flux.range(0, WRITERS)
                    .flatMap(writer -> writer(store, map, counters, new Random(salt + writer), writer))
                    .then()
                    .block(LIMIT);
        }

        private Mono<Void> writer(
                Store store,
                OrderedMap<String, byte[]> map,
                OrderedMap<String, Long> counters,
                Random own,
                int writer) {
            return Flux.range(0, TRANSACTIONS)
                    .concatMap(i -> transaction(store, map, own.nextInt(GROUPS / WRITERS) * WRITERS + writer, own)
                            .then(counters.compute("c" + writer, (key, old) -> old == null ? 1L : old + 1)))
                    .then();
        }

        private Mono<Void> transaction(Store store, OrderedMap<String, byte[]> map, int group, Random own) {
            long number = attempted.incrementAndGet(group);
            byte[] value = value(number, own.nextInt(700));
            boolean rollBack = own.nextInt(8) == 0;
            return store.write(tx -> map.in(tx)
                            .put("a" + group, value)
                            .then(map.in(tx).put("m" + group, value))
                            .then(map.in(tx).put("z" + group, value))
                            .then(rollBack ? Mono.error(new IllegalStateException("roll back")) : Mono.just(true)))
                    .doOnNext(done -> acknowledged.accumulateAndGet(group, number, Math::max))
                    .onErrorResume(IllegalStateException.class, expected -> Mono.empty())
                    .then();
        }

        private void verify(Store store) {
            Map<String, byte[]> found = store.map("groups", Codecs.utf8(), Codecs.bytes())
                    .scan(Range.all())
                    .collectMap(Entry::key, Entry::value)
                    .block(LIMIT);
            for (int group = 0; group < GROUPS; group++) {
                long first = number(found.get("a" + group));
                assertEquals(first, number(found.get("m" + group)), "group " + group + " is torn");
                assertEquals(first, number(found.get("z" + group)), "group " + group + " is torn");
                assertTrue(
                        first >= acknowledged.get(group),
                        "group " + group + " lost: acknowledged " + acknowledged.get(group) + ", found " + first);
                assertTrue(first <= attempted.get(group), "group " + group + " has what nobody wrote");
            }
        }

        private static byte[] value(long number, int padding) {
            byte[] value = new byte[Long.BYTES + padding];
            for (int i = 0; i < Long.BYTES; i++) {
                value[i] = (byte) (number >>> 8 * i);
            }
            return value;
        }

        private static long number(byte[] value) {
            long number = 0;
            for (int i = 0; value != null && i < Long.BYTES; i++) {
                number |= (value[i] & 0xFFL) << 8 * i;
            }
            return number;
        }
    }
}
