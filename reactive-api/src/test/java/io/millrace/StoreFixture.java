package io.millrace;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.btree.TreeCheck;
import io.millrace.btree.TreeRef;
import io.millrace.storage.LocalDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.Stream;
import reactor.core.publisher.Flux;

/**
 * A small store as it lies on disk after its process was killed: a checkpoint in the middle of the work, several segments of log that a transaction
 * which never ended keeps from being let go, and that transaction to roll back. The files are values here: by name, with their bytes.
 */
final class StoreFixture {
    static final int ENTRIES = 1_500;
    static final int PAGE_SIZE = 4096;

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int IN_FLIGHT = 64;

    private static final Map<String, String> SETTINGS = Map.of(
            "buffer-pool.page-size", "4KiB",
            "buffer-pool.size", "1MiB",
            "wal.segment-size", "256KiB",
            "wal.ring-slots", "256",
            "checkpoint.interval", "24h",
            "checkpoint.log-bytes", "1TiB");

    private StoreFixture() {}

    static StoreOptions options(Path directory) {
        StoreOptions options = StoreOptions.at(directory);
        for (Map.Entry<String, String> setting : SETTINGS.entrySet()) {
            options = options.with(setting.getKey(), setting.getValue());
        }
        return options;
    }

    static Store open(Path directory) {
        return Store.open(options(directory)).block(PATIENCE);
    }

    static void close(Store store) {
        store.close().block(PATIENCE);
    }

    static String value(int key) {
        return "value " + key + " " + "x".repeat(300 + key % 200);
    }

    private static OrderedMap<Integer, String> numbers(Store store) {
        return store.map("numbers", Codecs.int32(), Codecs.utf8());
    }

    /** The transaction that never ends comes first, every seventh key is deleted again. */
    static void fill(Store store) {
        OrderedMap<Integer, String> numbers = numbers(store);
        Transaction loser = store.begin(TransactionOptions.defaults()).block(PATIENCE);
        numbers.in(loser).put(-1, "never").block(PATIENCE);
        numbers.in(loser).put(ENTRIES, "never").block(PATIENCE);
        Flux.range(0, ENTRIES)
                .flatMap(key -> numbers.put(key, value(key)), IN_FLIGHT)
                .blockLast(PATIENCE);
        Flux.range(0, ENTRIES)
                .filter(StoreFixture::isDeleted)
                .flatMap(numbers::delete, IN_FLIGHT)
                .blockLast(PATIENCE);
        store.map("words", Codecs.utf8(), Codecs.int64()).put("answer", 42L).block(PATIENCE);
    }

    private static boolean isDeleted(int key) {
        return key % 7 == 0;
    }

    /** What {@link #fill} left, and nothing of the transaction that never ended. */
    static void assertFilled(Store store) {
        Map<Integer, String> expected = new TreeMap<>();
        for (int key = 0; key < ENTRIES; key++) {
            if (!isDeleted(key)) {
                expected.put(key, value(key));
            }
        }
        Map<Integer, String> found = numbers(store)
                .scan(Range.all())
                .collectMap(Entry::key, Entry::value, TreeMap::new)
                .block(PATIENCE);
        assertEquals(expected, found);
        assertEquals(
                42L,
                store.map("words", Codecs.utf8(), Codecs.int64()).get("answer").block(PATIENCE));
    }

    /** Opens the store, has every tree looked through, and closes it. */
    static void assertTreesAreSound(Path directory) throws IOException {
        Configuration configuration = Configuration.of(Map.of(), SETTINGS, new Properties());
        EngineAssembly assembly = EngineAssembly.open(LocalDirectory.open(directory), configuration, cause -> {});
        assembly.maintainer().suspend();
        try {
            for (String name : assembly.catalogue().names()) {
                TreeRef tree = assembly.catalogue().find(name);
                assertEquals(List.of(), TreeCheck.check(assembly.pool(), tree).findings());
            }
        } finally {
            assembly.maintainer().resume();
            close(new MillraceStore(new StoreEngine(assembly, configuration, directory.toString()), false));
        }
    }

    /** The files of a store, while nothing is written to it. */
    static Map<String, byte[]> read(Path directory) throws IOException {
        Map<String, byte[]> files = new TreeMap<>();
        try (Stream<Path> paths = Files.walk(directory)) {
            paths.filter(Files::isRegularFile)
                    .forEach(path -> files.put(directory.relativize(path).toString(), bytes(path)));
        }
        return files;
    }

    private static byte[] bytes(Path path) {
        try {
            return Files.readAllBytes(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void write(Map<String, byte[]> files, Path directory) throws IOException {
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            Path path = directory.resolve(file.getKey());
            Files.createDirectories(path.getParent());
            Files.write(path, file.getValue());
        }
    }

    /** A store killed behind a checkpoint, in {@code directory}. */
    static Map<String, byte[]> killed(Path directory) throws IOException {
        Store store = open(directory);
        fill(store);
        // Nothing is dirty then, so nothing is written while the files are read.
        store.checkpoint().block(PATIENCE);
        Map<String, byte[]> files = read(directory);
        close(store);
        return files;
    }
}
