package io.millrace;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.storage.StorageDirectory;
import io.millrace.testkit.SimulatedDirectory;
import io.millrace.wal.LogReader;
import io.millrace.wal.Wal;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** How many bytes of log the usual changes take; block headers are shared by a batch and not counted. */
final class LogBytesTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int WARM_UP = 3_000;
    private static final int ROUNDS = 100;

    private final StorageDirectory directory = new SimulatedDirectory(1);
    private EngineAssembly assembly;
    private Store store;
    private OrderedMap<byte[], byte[]> map;

    @BeforeEach
    void open() throws IOException {
        Configuration configuration = Configuration.of(Map.of(), Map.of("buffer-pool.size", "16MiB"), new Properties());
        assembly = EngineAssembly.open(directory, configuration, cause -> {});
        store = new MillraceStore(new StoreEngine(assembly, configuration, "simulated"), false);
        map = store.map("m", Codecs.bytes(), Codecs.bytes());
        // As large as a real one: page numbers have more than one byte.
        Flux.range(0, WARM_UP).flatMap(i -> map.put(key(i), value(i))).blockLast(LIMIT);
    }

    @AfterEach
    void close() {
        store.close().block(LIMIT);
    }

    private static byte[] key(long number) {
        return String.format("%016d", number * 7_919 % 1_000_003).getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] value(long number) {
        byte[] value = new byte[100];
        Arrays.fill(value, (byte) number);
        return value;
    }

    /** Mean record bytes of what {@code change} logs, without the splits it may cause: the median of many. */
    private long bytes(Change change) throws IOException {
        long[] sizes = new long[ROUNDS];
        Wal wal = assembly.wal();
        try (LogReader reader = wal.reader()) {
            for (int i = 0; i < ROUNDS; i++) {
                long before = wal.durableLsn();
                change.make(i).block(LIMIT);
                long[] sum = new long[1];
                reader.scan(before + 1, (lsn, address, length) -> sum[0] += length);
                sizes[i] = sum[0];
            }
        }
        Arrays.sort(sizes);
        return sizes[ROUNDS / 2];
    }

    @FunctionalInterface
    private interface Change {
        Mono<?> make(int round);
    }

    private Mono<?> three(int round, int first) {
        return store.write(tx -> Flux.range(0, 3)
                .concatMap(part -> map.in(tx).put(key(first + round * 3L + part), value(round)))
                .then());
    }

    @Test
    void aSmallPut() throws IOException {
        long insert = bytes(round -> map.put(key(WARM_UP + round), value(round)));
        long overwrite = bytes(round -> map.put(key(round), value(round + 1)));
        System.out.println("log bytes: put 16+100 new " + insert + ", overwriting " + overwrite);
        assertTrue(insert <= 170 && overwrite <= 170, insert + ", " + overwrite);
    }

    @Test
    void aTransactionOfThreeInserts() throws IOException {
        long bytes = bytes(round -> three(round, WARM_UP));
        System.out.println("log bytes: commit of 3 inserts 16+100 " + bytes);
        assertTrue(bytes <= 520, "it takes " + bytes);
    }

    @Test
    void aTransactionOfThreeOverwrites() throws IOException {
        long bytes = bytes(round -> three(round, 0));
        System.out.println("log bytes: commit of 3 overwrites 16+100 " + bytes);
        assertTrue(bytes <= 830, "it takes " + bytes);
    }
}
