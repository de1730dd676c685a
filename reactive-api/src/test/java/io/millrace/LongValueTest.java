package io.millrace;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.btree.Finding;
import io.millrace.btree.Salvage;
import io.millrace.btree.StoreCheck;
import io.millrace.buffer.PageLayout;
import io.millrace.error.CorruptPageException;
import io.millrace.error.InvalidConfigurationException;
import io.millrace.error.LimitExceededException;
import io.millrace.storage.LocalDirectory;
import io.millrace.storage.StorageDirectory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Values that have pages of their own, with the smallest settings: who sees them, what they cost, and that their pages come back. */
final class LongValueTest extends StoreTest {
    private static final int PAGE_SIZE = 16384;
    private static final int MEBIBYTE = 1 << 20;
    /** Values of a mebibyte: of this many pages. */
    private static final int PAGES = MEBIBYTE / (PAGE_SIZE - 52) + 1;

    private final Random random = new Random(7);
    private OrderedMap<String, byte[]> blobs;
    private long emptyPages;

    @Override
    StoreOptions options() {
        return StoreOptions.at(directory)
                .with("buffer-pool.size", "1MiB")
                .with("wal.segment-size", "256KiB")
                .with("wal.ring-slots", "256")
                .with("transaction.lock-timeout", "300ms");
    }

    @BeforeEach
    void openBlobs() {
        blobs = store.map("blobs", Codecs.utf8(), Codecs.bytes());
        await(blobs.put("first", new byte[1]));
        emptyPages = pagesInUse();
    }

    private void openAgain() {
        reopen();
        blobs = store.map("blobs", Codecs.utf8(), Codecs.bytes());
    }

    private byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private long pagesInUse() {
        StoreStats stats = store.stats();
        return stats.dataFileBytes() / PAGE_SIZE - stats.freePages();
    }

    /** Pages in use behind those of the map alone, once what has to be freed is. */
    private void awaitPages(long pages) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (pagesInUse() != emptyPages + pages && System.nanoTime() < deadline) {
            Thread.onSpinWait();
        }
        assertEquals(pages, pagesInUse() - emptyPages);
    }

    private void assertSound() throws IOException {
        await(store.close());
        try (StorageDirectory files = LocalDirectory.open(directory)) {
            assertEquals(List.of(), StoreCheck.check(files).findings());
        }
        open();
        blobs = store.map("blobs", Codecs.utf8(), Codecs.bytes());
    }

    @Test
    void valuesOfEverySizeComeBack() throws IOException {
        int quarter = PAGE_SIZE / 4;
        int whole = PAGE_SIZE - 52;
        int[] sizes = {0, 1, quarter - 1, quarter, quarter + 1, whole, whole + 1, 2 * whole, 65_536, 65_537, MEBIBYTE};
        byte[][] values = new byte[sizes.length][];
        for (int i = 0; i < sizes.length; i++) {
            values[i] = bytes(sizes[i]);
            await(blobs.put("size" + i, values[i]));
        }
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < sizes.length; i++) {
                assertArrayEquals(values[i], await(blobs.get("size" + i)), "of " + sizes[i] + " bytes");
            }
            List<Entry<String, byte[]>> all =
                    await(blobs.scan(Range.prefix("size")).collectList());
            assertEquals(sizes.length, all.size());
            for (Entry<String, byte[]> entry : all) {
                assertArrayEquals(values[Integer.parseInt(entry.key().substring(4))], entry.value(), entry.key());
            }
            assertEquals(sizes.length, await(blobs.count(Range.prefix("size"))));
            assertEquals(
                    sizes.length,
                    await(blobs.scanBatches(Range.prefix("size"), 3)
                            .flatMapIterable(batch -> batch)
                            .count()));
            assertSound();
        }
        assertEquals(sizes.length, await(blobs.deleteRange(Range.prefix("size"))));
        awaitPages(0);
    }

    @Test
    void overwrittenAndDeletedTheirPagesComeBack() {
        await(blobs.put("k", bytes(MEBIBYTE)));
        awaitPages(PAGES);
        await(blobs.put("k", bytes(MEBIBYTE)));
        awaitPages(PAGES);
        await(blobs.put("k", bytes(10)));
        awaitPages(0);
        assertTrue(await(blobs.putIfAbsent("new", bytes(MEBIBYTE))));
        assertFalse(await(blobs.putIfAbsent("new", bytes(MEBIBYTE))));
        awaitPages(PAGES);
        assertTrue(await(blobs.delete("new")));
        awaitPages(0);
    }

    @Test
    void aSnapshotReadsTheOldValueWhileItIsOverwrittenAndDeleted() {
        byte[] old = bytes(MEBIBYTE);
        byte[] middle = bytes(MEBIBYTE / 2);
        await(blobs.put("k", old));
        List<byte[]> seen = await(store.read(snapshot -> blobs.put("k", middle)
                        .then(Mono.defer(() -> blobs.put("k", bytes(MEBIBYTE))))
                        .then(Mono.defer(() -> blobs.delete("k")))
                        .thenMany(Flux.defer(() -> Flux.concat(
                                blobs.in(snapshot).get("k"),
                                blobs.in(snapshot).scan(Range.closed("k", "k")).map(Entry::value),
                                blobs.in(snapshot)
                                        .scan(Range.<String>all().reversed().limit(1))
                                        .map(Entry::value)))))
                .collectList());
        assertEquals(3, seen.size());
        seen.forEach(value -> assertArrayEquals(old, value));
        assertNull(await(blobs.get("k")));
        awaitPages(0);
    }

    @Test
    void whoLocksAKeyKeepsItsValue() {
        byte[] value = bytes(MEBIBYTE);
        await(blobs.put("k", value));
        byte[] locked = await(store.write(tx -> blobs.in(tx).getForUpdate("k")));
        assertArrayEquals(value, locked);
        awaitPages(PAGES);
        // What the lock has overwritten goes, and its pages are still those of the value.
        awaitNoVersions();
        awaitPages(PAGES);
        assertArrayEquals(value, await(blobs.get("k")));
        await(blobs.delete("k"));
        awaitPages(0);
    }

    private void awaitNoVersions() {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (store.stats().versionBytes() != 0 && System.nanoTime() < deadline) {
            Thread.onSpinWait();
        }
        assertEquals(0, store.stats().versionBytes());
    }

    @Test
    void compareAndSetComparesAllBytes() {
        byte[] value = bytes(MEBIBYTE);
        byte[] last = value.clone();
        last[MEBIBYTE - 1]++;
        await(blobs.put("k", value));
        assertFalse(await(blobs.replace("k", last, bytes(5))));
        assertFalse(await(blobs.replace("k", bytes(MEBIBYTE - 1), bytes(5))));
        assertFalse(await(blobs.replace("k", bytes(5), bytes(5))));
        assertFalse(await(blobs.replace("none", value, bytes(MEBIBYTE))));
        assertTrue(await(blobs.replace("k", value, last)));
        assertArrayEquals(last, await(blobs.get("k")));
        Boolean inside = await(store.write(tx -> blobs.in(tx).replace("k", last, value)));
        assertTrue(inside);
        inside = await(store.write(tx -> blobs.in(tx).replace("k", last, value)));
        assertFalse(inside);
        assertArrayEquals(value, await(blobs.get("k")));
        assertTrue(await(blobs.replace("k", value, bytes(5))));
        assertFalse(await(blobs.replace("k", value, bytes(MEBIBYTE))));
        awaitPages(0);
    }

    @Test
    void computeSeesAndMakesLongValues() {
        byte[] value = bytes(MEBIBYTE);
        assertArrayEquals(value, await(blobs.compute("k", (key, old) -> value)));
        byte[] turned = await(blobs.compute("k", (key, old) -> {
            byte[] next = old.clone();
            next[0]++;
            return next;
        }));
        assertEquals((byte) (value[0] + 1), turned[0]);
        assertArrayEquals(turned, await(blobs.get("k")));
        awaitPages(PAGES);
        assertNull(await(blobs.compute("k", (key, old) -> null)));
        awaitPages(0);
        await(Flux.range(0, 20)
                .flatMap(i -> blobs.compute("sum", (key, old) -> new byte[old == null ? 5000 : old.length + 1000]), 20)
                .then());
        assertEquals(24_000, await(blobs.get("sum")).length);
        awaitPages(2);
    }

    @Test
    void rollbackTakesThemBack() throws IOException {
        byte[] kept = bytes(MEBIBYTE);
        await(blobs.put("kept", kept));
        for (int round = 0; round < 2; round++) {
            Transaction tx = await(store.begin(TransactionOptions.defaults()));
            await(blobs.in(tx).put("new", bytes(MEBIBYTE)));
            await(blobs.in(tx).put("kept", bytes(MEBIBYTE)));
            Savepoint savepoint = await(tx.savepoint());
            byte[] second = bytes(MEBIBYTE);
            await(blobs.in(tx).put("kept", second));
            assertArrayEquals(second, await(blobs.in(tx).get("kept")));
            await(blobs.in(tx).delete("new"));
            await(tx.rollbackTo(savepoint));
            assertEquals(MEBIBYTE, await(blobs.in(tx).get("new")).length);
            if (round == 0) {
                await(tx.rollback());
                assertArrayEquals(kept, await(blobs.get("kept")));
                assertNull(await(blobs.get("new")));
                awaitPages(PAGES);
            } else {
                await(tx.commit());
                awaitPages(2 * PAGES);
            }
        }
        assertSound();
    }

    @Test
    void cancelledWritesLeaveNothing() {
        for (int i = 0; i < 12; i++) {
            blobs.put("k" + i, bytes(MEBIBYTE)).subscribe().dispose();
        }
        awaitQuiet();
        long written = await(blobs.count(Range.prefix("k")));
        awaitPages(written * PAGES);
    }

    @Test
    void aDroppedMapTakesThemWithIt() {
        OrderedMap<Integer, byte[]> other = store.map("other", Codecs.int32(), Codecs.bytes());
        await(Flux.range(0, 400)
                .flatMap(i -> other.put(i, bytes(i % 3 == 0 ? 10 : 5000)), 32)
                .then());
        assertTrue(pagesInUse() > emptyPages + 266);
        await(store.drop("other"));
        awaitPages(0);
        openAgain();
        awaitPages(0);
    }

    @Test
    void whoWaitsForALockHoldsNoMemory() {
        await(store.close());
        store = await(Store.open(options()
                .with("transaction.max-value-size", "1MiB")
                .with("transaction.max-value-memory", "3MiB")
                .with("transaction.lock-timeout", "10m")));
        blobs = store.map("blobs", Codecs.utf8(), Codecs.bytes());
        byte[] value = bytes(MEBIBYTE - 100);
        Transaction tx = await(store.begin(TransactionOptions.defaults()));
        await(blobs.in(tx).put("hot", new byte[1]));
        List<CompletableFuture<Void>> waiting = Stream.generate(
                        () -> blobs.put("hot", value).toFuture())
                .limit(3)
                .toList();
        await(blobs.in(tx).put("other", value));
        await(tx.commit());
        waiting.forEach(put -> await(Mono.fromFuture(put)));
        assertArrayEquals(value, await(blobs.get("hot")));
    }

    @Test
    void operationsWaitForMemoryAndNobodyStarves() {
        await(store.close());
        store = await(Store.open(
                options().with("transaction.max-value-size", "1MiB").with("transaction.max-value-memory", "3MiB")));
        blobs = store.map("blobs", Codecs.utf8(), Codecs.bytes());
        byte[] value = bytes(MEBIBYTE - 100);
        await(Flux.range(0, 24).flatMap(i -> blobs.put("k" + i, value), 24).then());
        List<byte[]> read =
                await(Flux.range(0, 24).flatMap(i -> blobs.get("k" + i), 24).collectList());
        assertEquals(24, read.size());
        read.forEach(found -> assertArrayEquals(value, found));
        assertEquals(
                24,
                await(Flux.range(0, 24)
                        .flatMap(i -> blobs.replace("k" + i, value, value), 24)
                        .filter(replaced -> replaced)
                        .count()));
        LimitExceededException error =
                assertThrows(LimitExceededException.class, () -> await(blobs.put("k", bytes(MEBIBYTE + 1))));
        assertEquals(MEBIBYTE, error.limit());
        assertTrue(error.getMessage().contains("transaction.max-value-size"), error.getMessage());
        await(store.close());
        InvalidConfigurationException wrong = assertThrows(
                InvalidConfigurationException.class,
                () -> await(Store.open(options().with("transaction.max-value-memory", "1MiB"))));
        assertTrue(wrong.getMessage().contains("transaction.max-value-memory"), wrong.getMessage());
        open();
    }

    @Test
    void aDamagedPageOfAValueIsFoundAndTheRestSalvaged() throws IOException {
        await(blobs.put("long", bytes(MEBIBYTE)));
        await(blobs.put("other", bytes(MEBIBYTE)));
        await(store.close());
        Path data = directory.resolve("millrace.data");
        ByteBuffer pages = ByteBuffer.wrap(Files.readAllBytes(data)).order(ByteOrder.LITTLE_ENDIAN);
        int page = 0;
        while (pages.get(page * PAGE_SIZE + 4) != PageLayout.KIND_LONG_VALUE) {
            page++;
        }
        // Whole, but of another time.
        pages.putLong(page * PAGE_SIZE + PageLayout.PAGE_LSN, 1);
        CRC32C checksum = new CRC32C();
        checksum.update(pages.array(), page * PAGE_SIZE + 4, PAGE_SIZE - 4);
        pages.putInt(page * PAGE_SIZE, (int) checksum.getValue());
        Files.write(data, pages.array());
        try (StorageDirectory files = LocalDirectory.open(directory)) {
            List<Finding> findings = StoreCheck.check(files).findings();
            String damaged = "page " + page + " is not what it should be";
            assertTrue(findings.stream().anyMatch(finding -> finding.what().contains(damaged)), findings.toString());
        }
        Map<String, Integer> salvaged = new TreeMap<>();
        try (StorageDirectory files = LocalDirectory.open(directory);
                Salvage salvage = Salvage.open(files)) {
            salvage.run((map, key, value) -> salvaged.put(new String(key, StandardCharsets.UTF_8), value.length));
        }
        assertEquals(2, salvaged.size(), salvaged.toString());
        assertEquals(MEBIBYTE, salvaged.get(salvaged.containsKey("long") ? "long" : "other"));
        open();
        openBlobs();
        List<Boolean> readable = new ArrayList<>();
        for (String key : List.of("long", "other")) {
            readable.add(await(blobs.get(key).map(value -> true).onErrorReturn(CorruptPageException.class, false)));
        }
        assertEquals(Set.of(true, false), Set.copyOf(readable));
    }

    @Test
    void theLongestOne() {
        byte[] value = bytes(64 * MEBIBYTE);
        await(blobs.put("longest", value));
        assertArrayEquals(value, await(blobs.get("longest")));
        await(blobs.delete("longest"));
        LimitExceededException error = assertThrows(
                LimitExceededException.class, () -> await(blobs.put("longer", new byte[64 * MEBIBYTE + 1])));
        assertEquals(64 * MEBIBYTE, error.limit());
        awaitPages(0);
    }
}
