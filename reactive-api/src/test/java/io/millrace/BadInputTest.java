package io.millrace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.error.CorruptPageException;
import io.millrace.error.IncompatibleFormatException;
import io.millrace.error.InvalidConfigurationException;
import io.millrace.error.LimitExceededException;
import io.millrace.error.MillraceException;
import io.millrace.error.StorageIoException;
import io.millrace.error.StoreClosedException;
import io.millrace.error.StoreLockedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Whatever is wrong is an error signal that says what; a call never throws. */
final class BadInputTest extends StoreTest {
    private static final int KEY_LIMIT = 2048;
    private static final int VALUE_LIMIT = 4096;

    @TempDir
    private Path other;

    private static <E extends Throwable> E signal(Class<E> type, Publisher<?> publisher) {
        return assertThrows(type, () -> Flux.from(publisher).blockLast(PATIENCE));
    }

    @Override
    StoreOptions options() {
        return super.options().with("transaction.max-value-size", VALUE_LIMIT + "B");
    }

    private static Mono<Store> opening(Path directory) {
        return Store.open(StoreOptions.at(directory));
    }

    @Test
    void nullIsSignalled() {
        for (Publisher<?> publisher : List.<Publisher<?>>of(
                map.get(null),
                map.containsKey(null),
                map.put(null, "v"),
                map.put("k", null),
                map.putIfAbsent("k", null),
                map.replace("k", null, "v"),
                map.replace("k", "v", null),
                map.delete(null),
                map.compute(null, (k, v) -> v),
                map.compute("k", null),
                map.scan(null),
                map.scan(Range.closed(null, "b")),
                map.scanBatches(null, 1),
                map.count(null),
                map.count(Range.prefix(null)),
                map.deleteRange(null),
                map.in(null).get("k"),
                map.in(null).put("k", "v"),
                map.in(null).scan(Range.all()),
                store.map(null, Codecs.utf8(), Codecs.utf8()).get("k"),
                store.map("m", null, Codecs.utf8()).get("k"),
                store.map("m", Codecs.utf8(), null).put("k", "v"),
                store.write(null),
                store.write(null, tx -> Mono.empty()),
                store.writeMany(null),
                store.read(null),
                store.read(snapshot -> null),
                store.begin(null),
                Store.open(null))) {
            signal(NullPointerException.class, publisher);
        }
    }

    @Test
    void limitsAreNamed() {
        String longest = "k".repeat(KEY_LIMIT);
        String largest = "v".repeat(VALUE_LIMIT);
        await(map.put(longest, largest));
        assertEquals(largest, await(map.get(longest)));
        for (Publisher<?> publisher : List.<Publisher<?>>of(
                map.get(longest + "k"),
                map.put(longest + "k", ""),
                map.delete(longest + "k"),
                map.scan(Range.from(longest + "k")))) {
            LimitExceededException error = signal(LimitExceededException.class, publisher);
            assertEquals(KEY_LIMIT, error.limit());
            assertEquals(KEY_LIMIT + 1, error.actual());
            assertTrue(error.getMessage().contains("1/8 page"), error.getMessage());
        }
        for (Publisher<?> publisher : List.<Publisher<?>>of(
                map.put("k", largest + "v"),
                map.putIfAbsent("k", largest + "v"),
                map.replace("k", "v", largest + "v"),
                map.compute("k", (k, v) -> largest + "v"))) {
            LimitExceededException error = signal(LimitExceededException.class, publisher);
            assertEquals(VALUE_LIMIT, error.limit());
            assertTrue(error.getMessage().contains("transaction.max-value-size"), error.getMessage());
        }
        LimitExceededException empty = signal(LimitExceededException.class, map.put("", "v"));
        assertEquals(0, empty.actual());
        signal(LimitExceededException.class, map.get(""));
        signal(
                LimitExceededException.class,
                store.map("", Codecs.utf8(), Codecs.utf8()).get("k"));
        signal(
                LimitExceededException.class,
                store.map(longest + "k", Codecs.utf8(), Codecs.utf8()).put("k", "v"));
    }

    @Test
    void hugeValuesAreRefusedWithoutHarm() {
        signal(LimitExceededException.class, map.put("k", "v".repeat(10_000_000)));
        await(map.put("k", "v"));
    }

    @Test
    void badRangesAndBatchesAreSignalled() {
        signal(IllegalArgumentException.class, map.scan(Range.<String>all().limit(-1)));
        signal(IllegalArgumentException.class, map.count(Range.<String>all().limit(-1)));
        signal(IllegalArgumentException.class, map.scanBatches(Range.all(), 0));
        signal(IllegalArgumentException.class, map.in(() -> 5).get("k"));
    }

    @Test
    void codecErrorsAreSignals() {
        await(map.put("k", "three"));
        signal(
                IllegalArgumentException.class,
                store.map("map", Codecs.utf8(), Codecs.int64()).get("k"));
        signal(
                IllegalArgumentException.class,
                store.map("map", Codecs.utf8(), Codecs.int64()).scan(Range.all()));
        signal(
                IllegalStateException.class,
                store.map("map", new Liar(), Codecs.utf8()).get("k"));
        assertEquals("three", await(map.get("k")));
    }

    /** Says that it wrote more than it did. */
    private static final class Liar implements Codec<String> {
        @Override
        public int encode(String value, MutableDirectBuffer out, int offset) {
            return 1 << 20;
        }

        @Override
        public String decode(DirectBuffer in, int offset, int length) {
            return "";
        }

        @Override
        public boolean orderPreserving() {
            return true;
        }
    }

    @Test
    void useAfterCloseIsASignal() {
        await(map.put("k", "v"));
        Transaction tx = await(store.begin(TransactionOptions.defaults()));
        await(store.close());
        await(store.close());
        for (Publisher<?> publisher : List.<Publisher<?>>of(
                map.get("k"),
                map.put("k", "v"),
                map.compute("k", (k, v) -> v),
                map.scan(Range.all()),
                map.count(Range.all()),
                map.deleteRange(Range.all()),
                map.in(tx).get("k"),
                map.in(tx).put("k", "v"),
                tx.commit(),
                store.write(t -> Mono.empty()),
                store.read(s -> Mono.empty()),
                store.begin(TransactionOptions.defaults()),
                store.maps(),
                store.checkpoint())) {
            StoreClosedException error = signal(StoreClosedException.class, publisher);
            assertTrue(error.getMessage().contains(directory.getFileName().toString()), error.getMessage());
        }
        assertTrue(store.durableLsn() > 0);
        assertEquals(0, store.stats().openTransactions());
    }

    @Test
    void secondOpenFindsTheLock() {
        signal(StoreLockedException.class, opening(directory));
        await(map.put("k", "v"));
    }

    @Test
    void foreignDirectoryIsLeftAlone() throws IOException {
        Files.writeString(other.resolve("letter.txt"), "mine");
        IncompatibleFormatException error = signal(IncompatibleFormatException.class, opening(other));
        assertTrue(error.getMessage().contains("letter.txt"), error.getMessage());
        try (Stream<Path> files = Files.list(other)) {
            assertEquals(1, files.count(), "nothing was made there");
        }
    }

    @Test
    void foreignSubDirectoriesAreLeftAloneToo() throws IOException {
        Files.createDirectories(other.resolve("photos/holiday"));
        IncompatibleFormatException error = signal(IncompatibleFormatException.class, opening(other));
        assertTrue(error.getMessage().contains("photos"), error.getMessage());
        try (Stream<Path> files = Files.list(other)) {
            assertEquals(1, files.count(), "nothing was made there");
        }
    }

    @Test
    void aFileIsNoDirectory() throws IOException {
        Path file = Files.writeString(other.resolve("file"), "mine");
        signal(StorageIoException.class, opening(file));
    }

    @Test
    void settingsAreCheckedWhereverTheyStand() throws IOException {
        Files.createDirectory(other.resolve("lost+found"));
        Files.writeString(other.resolve("millrace.properties"), "buffer-pool.sise=1MiB\n");
        InvalidConfigurationException error = signal(InvalidConfigurationException.class, opening(other));
        assertEquals("buffer-pool.size", error.nearestKey());
        Files.writeString(
                other.resolve("millrace.properties"), "buffer-pool.size = 2MiB\nbuffer-pool.page-size=8KiB\n");
        signal(
                InvalidConfigurationException.class,
                Store.open(StoreOptions.at(other).with("wal.sync", "hope")));
        Properties properties = new Properties();
        properties.setProperty("wal.ring-slots", "100");
        signal(
                InvalidConfigurationException.class,
                Store.open(StoreOptions.at(other).with(properties)));
        Store opened = await(opening(other));
        assertEquals(
                1024,
                signal(
                                LimitExceededException.class,
                                opened.map("m", Codecs.utf8(), Codecs.utf8()).get("k".repeat(2000)))
                        .limit());
        await(opened.close());
        signal(
                InvalidConfigurationException.class,
                Store.open(StoreOptions.at(other).with("buffer-pool.page-size", "16KiB")));
        await(await(opening(other)).close());
    }

    @Test
    void smallestSettingsWork() {
        Store small = await(Store.open(StoreOptions.at(other)
                .with("buffer-pool.size", "1MiB")
                .with("wal.segment-size", "256KiB")
                .with("wal.ring-slots", "256")));
        OrderedMap<Integer, String> numbers = small.map("numbers", Codecs.int32(), Codecs.utf8());
        await(Flux.range(0, 5000)
                .flatMap(i -> numbers.put(i, "value ".repeat(60) + i), 200)
                .then());
        assertEquals(5000, await(numbers.count(Range.all())));
        await(small.close());
    }

    @Test
    void damagedControlFileIsReportedAndLeftAlone() throws IOException {
        await(store.close());
        Path control = directory.resolve("millrace.control");
        byte[] good = Files.readAllBytes(control);
        byte[] damaged = new byte[good.length];
        Files.write(control, damaged);
        MillraceException error = signal(MillraceException.class, opening(directory));
        assertTrue(error.getMessage().contains("millrace.control"), error.toString());
        assertEquals(-1, java.util.Arrays.mismatch(damaged, Files.readAllBytes(control)));
        Files.write(control, good);
        store = await(Store.open(options()));
        assertTrue(store.recoveryReport().damagedPages().stream().noneMatch(CorruptPageException.class::isInstance));
    }
}
