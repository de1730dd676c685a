package io.millrace;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.btree.StoreCheck;
import io.millrace.error.LimitExceededException;
import io.millrace.error.TransactionConflictException;
import io.millrace.storage.LocalDirectory;
import io.millrace.storage.StorageDirectory;
import io.millrace.testkit.Seeds;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** Loads of whole maps: against a model, in order and not, with long values; what a failure, a cancellation or a rival leaves. */
final class LoadTest extends StoreTest {
    private static final int PAGE_SIZE = 4096;

    private OrderedMap<byte[], byte[]> target;
    private long emptyPages;

    @Override
    StoreOptions options() {
        return StoreOptions.at(directory)
                .with("buffer-pool.page-size", "4KiB")
                .with("buffer-pool.size", "512KiB")
                .with("wal.segment-size", "256KiB")
                .with("wal.ring-slots", "256")
                .with("load.sort-memory", "1MiB")
                .with("transaction.lock-timeout", "300ms");
    }

    @BeforeEach
    void openTarget() {
        target = store.map("target", Codecs.bytes(), Codecs.bytes());
        emptyPages = pagesInUse();
    }

    private long pagesInUse() {
        StoreStats stats = store.stats();
        return stats.dataFileBytes() / PAGE_SIZE - stats.freePages();
    }

    private void awaitEmptyPages() {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (pagesInUse() != emptyPages && System.nanoTime() < deadline) {
            Thread.onSpinWait();
        }
        assertEquals(emptyPages, pagesInUse());
        try (Stream<Path> files = Files.list(directory)) {
            assertEquals(
                    List.of(),
                    files.filter(file -> file.getFileName().toString().startsWith("millrace.load"))
                            .toList());
        } catch (IOException failure) {
            throw new AssertionError(failure);
        }
    }

    private static Entry<byte[], byte[]> entry(byte[] key, byte[] value) {
        return new Entry<>(key, value);
    }

    private static byte[] key(int number) {
        return String.format("key-%08d", number).getBytes(StandardCharsets.US_ASCII);
    }

    /** Keys of any length with long common beginnings, values of any size. */
    private static List<Entry<byte[], byte[]>> entries(Random random, int count) {
        List<Entry<byte[], byte[]>> entries = new ArrayList<>();
        byte[] stem = new byte[500];
        random.nextBytes(stem);
        for (int i = 0; i < count; i++) {
            int common = random.nextInt(3) == 0 ? random.nextInt(500) : 0;
            byte[] key = Arrays.copyOf(stem, common + 1 + random.nextInt(12));
            for (int k = common; k < key.length; k++) {
                key[k] = (byte) random.nextInt(random.nextBoolean() ? 256 : 3);
            }
            int longest =
                    random.nextInt(50) == 0 ? 30_000 : random.nextInt(5) == 0 ? 1025 : random.nextInt(3) == 0 ? 1 : 100;
            byte[] value = new byte[random.nextInt(longest)];
            random.nextBytes(value);
            entries.add(entry(key, value));
        }
        return entries;
    }

    private static NavigableMap<byte[], byte[]> model(List<Entry<byte[], byte[]>> entries) {
        NavigableMap<byte[], byte[]> model = new TreeMap<>(Arrays::compareUnsigned);
        entries.forEach(entry -> model.put(entry.key(), entry.value()));
        return model;
    }

    private void assertHolds(NavigableMap<byte[], byte[]> model) {
        List<Entry<byte[], byte[]>> found = await(target.scan(Range.all()).collectList());
        assertEquals(model.size(), found.size());
        Iterator<Map.Entry<byte[], byte[]>> expected = model.entrySet().iterator();
        for (Entry<byte[], byte[]> entry : found) {
            Map.Entry<byte[], byte[]> next = expected.next();
            assertArrayEquals(next.getKey(), entry.key());
            assertArrayEquals(next.getValue(), entry.value());
        }
    }

    private void assertSound() throws IOException {
        await(store.close());
        try (StorageDirectory files = LocalDirectory.open(directory)) {
            assertEquals(List.of(), StoreCheck.check(files).findings());
        }
        open();
        target = store.map("target", Codecs.bytes(), Codecs.bytes());
    }

    @Test
    void inOrderAndNotItHoldsWhatCame() {
        Seeds.forEach(6, (seed, random) -> {
            List<Entry<byte[], byte[]>> entries =
                    entries(random, 1 + random.nextInt(random.nextBoolean() ? 4000 : 300));
            switch (random.nextInt(3)) {
                case 0 -> entries.sort((a, b) -> Arrays.compareUnsigned(a.key(), b.key()));
                case 1 -> {
                    entries.sort((a, b) -> Arrays.compareUnsigned(a.key(), b.key()));
                    Collections.swap(entries, random.nextInt(entries.size()), random.nextInt(entries.size()));
                }
                default -> {
                    // As they come.
                }
            }
            NavigableMap<byte[], byte[]> model = model(entries);
            assertEquals(entries.size(), await(target.load(Flux.fromIterable(entries))));
            assertHolds(model);
            assertSound();
            assertHolds(model);
            // The tree is one like any other: it is written to, and goes.
            byte[] first = model.firstKey();
            await(target.put(first, new byte[7]));
            model.put(first, new byte[7]);
            assertHolds(model);
            await(store.drop("target"));
            awaitEmptyPages();
        });
    }

    @Test
    void sortedInputFillsPages() {
        int count = 20_000;
        byte[] value = new byte[100];
        assertEquals(count, await(target.load(Flux.range(0, count).map(i -> entry(key(i), value)))));
        assertEquals(count, await(target.count(Range.all())));
        double payload = count * (12.0 + 100);
        assertTrue((pagesInUse() - emptyPages) * PAGE_SIZE < 1.17 * payload, "pages " + (pagesInUse() - emptyPages));
        for (int i = 0; i < count; i += 371) {
            assertArrayEquals(value, await(target.get(key(i))));
        }
        assertNull(await(target.get(key(count))));
    }

    @Test
    void nothingIsSeenBeforeTheEndAndAllOfItThen() {
        Sinks.Many<Entry<byte[], byte[]>> source = Sinks.many().unicast().onBackpressureBuffer();
        List<Long> result = Collections.synchronizedList(new ArrayList<>());
        target.load(source.asFlux()).subscribe(result::add);
        for (int i = 0; i < 3000; i++) {
            source.tryEmitNext(entry(key(i), new byte[50]));
        }
        Transaction before = await(store.begin(TransactionOptions.defaults()));
        assertEquals(List.of(), await(store.maps().collectList()));
        assertNull(await(target.get(key(1))));
        source.tryEmitComplete();
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (result.isEmpty() && System.nanoTime() < deadline) {
            Thread.onSpinWait();
        }
        assertEquals(List.of(3000L), result);
        assertEquals(3000, await(target.count(Range.all())));
        assertEquals(0, await(target.in(before).count(Range.all())));
        assertThrows(
                TransactionConflictException.class,
                () -> await(target.in(before).put(key(1), new byte[1])));
        await(before.rollback());
    }

    @Test
    void itAsksForABoundedNumber() {
        AtomicLong outstanding = new AtomicLong();
        AtomicLong most = new AtomicLong();
        Flux<Entry<byte[], byte[]>> source = Flux.range(0, 50_000)
                .map(i -> entry(key(i), new byte[10]))
                .doOnRequest(n -> most.accumulateAndGet(outstanding.addAndGet(n), Math::max))
                .doOnNext(entry -> outstanding.decrementAndGet());
        assertEquals(50_000, await(target.load(source)));
        assertTrue(most.get() <= 32_768, "asked for " + most.get());
    }

    @Test
    void failuresAndCancellationsLeaveNothing() {
        Flux<Entry<byte[], byte[]>> some =
                Flux.range(0, 3000).map(i -> entry(key(i), new byte[i % 100 == 0 ? 5000 : 50]));
        assertThrows(
                IllegalArgumentException.class,
                () -> await(target.load(some.concatWith(Mono.error(new IllegalArgumentException("source"))))));
        awaitEmptyPages();
        Flux<Entry<byte[], byte[]>> shuffled = some.map(entry -> entry(
                new StringBuilder(new String(entry.key(), StandardCharsets.US_ASCII))
                        .reverse()
                        .toString()
                        .getBytes(StandardCharsets.US_ASCII),
                new byte[900]));
        assertThrows(
                LimitExceededException.class,
                () -> await(target.load(shuffled.concatWith(Mono.just(entry(new byte[0], new byte[1]))))));
        awaitEmptyPages();
        target.load(some.concatWith(Flux.never())).subscribe().dispose();
        awaitQuiet();
        awaitEmptyPages();
        assertThrows(NullPointerException.class, () -> await(target.load(null)));
        assertEquals(0, await(target.load(Flux.empty())));
        assertEquals(List.of(), await(store.maps().collectList()));
    }

    @Test
    void aMapThatExistsGetsTheEntriesInOneTransaction() {
        await(target.put(key(5), new byte[1]));
        assertEquals(100, await(target.load(Flux.range(0, 100).map(i -> entry(key(i), new byte[3])))));
        assertEquals(3, await(target.get(key(5))).length);
        assertThrows(
                IllegalArgumentException.class,
                () -> await(target.load(Flux.range(100, 100)
                        .map(i -> entry(key(i), new byte[3]))
                        .concatWith(Mono.error(new IllegalArgumentException("source"))))));
        assertEquals(100, await(target.count(Range.all())));
    }

    @Test
    void whoeverIsFasterHasTheName() {
        Sinks.Many<Entry<byte[], byte[]>> source = Sinks.many().unicast().onBackpressureBuffer();
        List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
        target.load(source.asFlux()).subscribe(count -> {}, failures::add);
        source.tryEmitNext(entry(key(1), new byte[3]));
        await(target.put(key(2), new byte[4]));
        source.tryEmitComplete();
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (failures.isEmpty() && System.nanoTime() < deadline) {
            Thread.onSpinWait();
        }
        assertTrue(failures.get(0) instanceof TransactionConflictException, failures.toString());
        assertEquals(1, await(target.count(Range.all())));
    }

    @Test
    void moreThanTheDiskBudgetIsRefused() {
        await(store.close());
        store = await(Store.open(options().with("load.sort-disk", "2MiB")));
        target = store.map("target", Codecs.bytes(), Codecs.bytes());
        emptyPages = pagesInUse();
        LimitExceededException error = assertThrows(
                LimitExceededException.class,
                () -> await(target.load(Flux.range(0, 10_000).map(i -> entry(key(10_000 - i), new byte[500])))));
        assertTrue(error.getMessage().contains("load.sort-disk"), error.getMessage());
        awaitEmptyPages();
    }

    @Test
    void leftOverFilesAreDeletedWhenTheStoreIsOpened() throws IOException {
        await(store.close());
        Path left = Files.writeString(directory.resolve("millrace.load-7-0"), "left over");
        open();
        assertTrue(Files.notExists(left));
    }
}
