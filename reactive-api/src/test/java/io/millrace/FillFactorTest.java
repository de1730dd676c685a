package io.millrace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.btree.StoreCheck;
import io.millrace.btree.StoreReport;
import io.millrace.btree.TreeReport;
import io.millrace.storage.LocalDirectory;
import io.millrace.storage.StorageDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.IntUnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;

/**
 * How full pages are after keys came in one order or another, keys of 16 and values of 100 bytes, in transactions of a thousand. A page at the right
 * edge has no prefix yet while it is filled, so that even ascending keys leave a tenth of it free.
 */
final class FillFactorTest {
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final int BATCH = 1000;
    private static final int ENTRY_BYTES = 116;
    private static final int STREAMS = 16;
    private static final boolean STRESS = Boolean.getBoolean("millrace.stress");
    private static final int KEYS = STRESS ? 1_000_000 : 64_000;

    @TempDir
    private Path directory;

    @Test
    void randomKeys() throws IOException {
        List<Integer> keys = IntStream.range(0, KEYS).boxed().collect(Collectors.toCollection(ArrayList::new));
        Collections.shuffle(keys, new Random(1));
        StoreStats stats = load("random", keys::get);
        assertTrue(fill("random", stats) > 0.6, "random");
        // The file grows by an eighth, so that a small one says little.
        double ratio = (double) stats.dataFileBytes() / ((long) KEYS * ENTRY_BYTES);
        assertTrue(!STRESS || ratio <= 1.75, "data file: " + ratio + " times the payload");
    }

    @Test
    void ascendingKeys() throws IOException {
        assertTrue(fill("ascending", load("ascending", i -> i)) > 0.85, "ascending");
    }

    @Test
    void descendingKeys() throws IOException {
        assertTrue(fill("descending", load("descending", i -> KEYS - 1 - i)) > 0.85, "descending");
    }

    /** Several streams of descending keys, and of ascending ones, each somewhere else in the tree. */
    @Test
    void interleavedStreams() throws IOException {
        IntUnaryOperator interleaved = i -> {
            int stream = i % STREAMS;
            int length = KEYS / STREAMS;
            int place = i / STREAMS;
            return stream * length + (stream < STREAMS / 2 ? length - 1 - place : place);
        };
        assertTrue(fill("interleaved", load("interleaved", interleaved)) > 0.8, "interleaved");
    }

    private static String key(int number) {
        return String.format("user%012d", number);
    }

    private StoreStats load(String name, IntUnaryOperator order) {
        Store store = Store.open(StoreOptions.at(directory.resolve(name)).with("buffer-pool.size", "256MiB"))
                .block(PATIENCE);
        OrderedMap<String, byte[]> map = store.map("m", Codecs.utf8(), Codecs.bytes());
        byte[] value = new byte[ENTRY_BYTES - 16];
        for (int first = 0; first < KEYS; first += BATCH) {
            int from = first;
            store.write(transaction -> Flux.range(from, BATCH)
                            .concatMap(i -> map.in(transaction).put(key(order.applyAsInt(i)), value))
                            .then())
                    .block(PATIENCE);
        }
        StoreStats stats = store.stats();
        store.close().block(PATIENCE);
        return stats;
    }

    private double fill(String name, StoreStats stats) throws IOException {
        StoreReport report;
        try (StorageDirectory files = LocalDirectory.open(directory.resolve(name))) {
            report = StoreCheck.check(files);
        }
        assertEquals(List.of(), report.findings());
        TreeReport tree = report.maps().get("m");
        assertEquals(KEYS, tree.entries());
        double fill = tree.leafFill(report.pageSize());
        double payload = (double) KEYS * ENTRY_BYTES;
        System.out.printf(
                "fill factor, %d %s keys: leaves %.1f %% full, data file %.2f times the payload, pages in use %.2f times%n",
                KEYS,
                name,
                fill * 100,
                stats.dataFileBytes() / payload,
                (stats.dataFileBytes() - stats.freePages() * report.pageSize()) / payload);
        return fill;
    }
}
