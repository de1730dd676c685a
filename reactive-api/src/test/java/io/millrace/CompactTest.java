package io.millrace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.btree.StoreCheck;
import io.millrace.btree.StoreReport;
import io.millrace.error.StoreClosedException;
import io.millrace.storage.LocalDirectory;
import io.millrace.storage.StorageDirectory;
import io.millrace.wal.LogHold;
import io.millrace.wal.LogHolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;

/** {@link Store#compact}: the file gets shorter, and nobody notices otherwise. */
final class CompactTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final long AT_ONCE = Long.MAX_VALUE;
    private static final int PAGE = StoreFixture.PAGE_SIZE;
    private static final int KEYS = 8_000;
    /** Pages a store has ready, those it leaves to whoever writes meanwhile, and some of its own. */
    private static final int SLACK = 64 + 32 + 8;

    @TempDir
    private Path directory;

    private Store store;
    private OrderedMap<Integer, byte[]> map;

    @BeforeEach
    void open() {
        store = StoreFixture.open(directory);
        map = store.map("m", Codecs.int32(), Codecs.bytes());
    }

    @AfterEach
    void close() {
        StoreFixture.close(store);
    }

    private static byte[] value(int key) {
        byte[] value = new byte[100];
        new Random(key).nextBytes(value);
        return value;
    }

    private void fill(int keys) {
        Flux.range(0, keys).flatMap(key -> map.put(key, value(key)), 64).blockLast(PATIENCE);
    }

    private void keepEvery(int nth, int keys) {
        Flux.range(0, keys)
                .filter(key -> key % nth != 0)
                .flatMap(map::delete, 64)
                .blockLast(PATIENCE);
    }

    private CompactInfo compact() {
        return store.compact(AT_ONCE).block(PATIENCE);
    }

    private void holdsEvery(int nth, int keys) {
        Map<Integer, byte[]> found = map.scan(Range.all())
                .collectMap(Entry::key, Entry::value, TreeMap::new)
                .block(PATIENCE);
        assertEquals((keys + nth - 1) / nth, found.size());
        found.forEach((key, value) -> {
            assertEquals(0, key % nth);
            assertTrue(Arrays.equals(value(key), value), "value of " + key);
        });
    }

    /** Closes the store and has its files checked; the next {@link #close} closes nothing. */
    private StoreReport check() throws IOException {
        StoreFixture.close(store);
        try (StorageDirectory files = LocalDirectory.open(directory)) {
            StoreReport report = StoreCheck.check(files);
            assertEquals(List.of(), report.findings());
            assertEquals(
                    report.pages() * PAGE, Files.size(directory.resolve("millrace.data")), "no part of a page is left");
            return report;
        }
    }

    @Test
    void filledEmptiedAndCompactedTheFileIsAsSmallAsWhatIsLeft() throws IOException {
        fill(KEYS);
        keepEvery(20, KEYS);
        long before = store.stats().dataFileBytes();
        CompactInfo info = compact();
        assertEquals(before, info.bytesBefore());
        assertEquals(info.bytesAfter(), store.stats().dataFileBytes());
        assertTrue(info.pagesMoved() > 0, info.toString());
        long payload = KEYS / 20 * 104L;
        assertTrue(info.bytesAfter() < 2 * payload + SLACK * PAGE, info.toString());
        assertTrue(info.bytesAfter() < before / 2, info.toString());
        holdsEvery(20, KEYS);
        StoreReport report = check();
        assertEquals(info.bytesAfter(), report.pages() * PAGE, "closing does not let it grow");
        open();
        holdsEvery(20, KEYS);
        assertEquals(info.bytesAfter(), store.stats().dataFileBytes(), "opening does not let it grow");
        fill(KEYS);
        holdsEvery(1, KEYS);
        check();
    }

    /** A transaction, a snapshot and a scan that were there before go on; what the snapshot needs stays until it ends. */
    @Test
    void whoWasThereBeforeNoticesNothing() throws IOException {
        fill(KEYS);
        Transaction transaction = store.begin(TransactionOptions.defaults()).block(PATIENCE);
        map.in(transaction).delete(0).block(PATIENCE);
        map.in(transaction).put(1, value(7)).block(PATIENCE);
        Transaction reader = store.begin(TransactionOptions.defaults()).block(PATIENCE);
        List<Integer> scanned = new ArrayList<>();
        CompletableFuture<Long> rest = new CompletableFuture<>();
        Flux.range(2, KEYS - 2)
                .filter(key -> key % 20 != 0)
                .flatMap(map::delete, 64)
                .blockLast(PATIENCE);
        map.in(reader)
                .scan(Range.all())
                .map(Entry::key)
                .concatMap(
                        key -> {
                            scanned.add(key);
                            return scanned.size() % 4000 == 0
                                    ? store.compact(AT_ONCE).thenReturn(key)
                                    : Flux.just(key);
                        },
                        1)
                .count()
                .subscribe(rest::complete, rest::completeExceptionally);
        assertEquals(KEYS, rest.orTimeout(60, TimeUnit.SECONDS).join());
        assertEquals(KEYS, map.in(reader).count(Range.all()).block(PATIENCE));
        reader.rollback().block(PATIENCE);
        compact();
        transaction.rollback().block(PATIENCE);
        assertEquals(KEYS / 20 + 1, map.count(Range.all()).block(PATIENCE));
        assertTrue(Arrays.equals(value(0), map.get(0).block(PATIENCE)));
        assertTrue(Arrays.equals(value(1), map.get(1).block(PATIENCE)));
        check();
    }

    @Test
    void writersAndReadersGoOnMeanwhile() throws IOException {
        fill(KEYS);
        keepEvery(20, KEYS);
        boolean[] done = new boolean[1];
        CompletableFuture<CompactInfo> compacted = store.compact(4 << 20).toFuture();
        Random random = new Random(1);
        Map<Integer, byte[]> expected = new TreeMap<>();
        for (int key = 0; key < KEYS; key += 20) {
            expected.put(key, value(key));
        }
        while (!compacted.isDone()) {
            int key = random.nextInt(KEYS);
            if (random.nextInt(3) > 0) {
                map.delete(key).block(PATIENCE);
                expected.remove(key);
            } else {
                map.put(key, value(key + 1)).block(PATIENCE);
                expected.put(key, value(key + 1));
            }
            done[0] = true;
        }
        assertTrue(done[0]);
        assertTrue(compacted.join().pagesMoved() > 0);
        assertEquals(expected.size(), map.count(Range.all()).block(PATIENCE));
        map.scan(Range.all())
                .doOnNext(entry -> assertTrue(Arrays.equals(expected.get(entry.key()), entry.value())))
                .blockLast(PATIENCE);
        // Whether writers left room enough for a cut is a matter of luck; alone there is.
        long before = store.stats().dataFileBytes();
        assertTrue(compact().bytesAfter() <= before);
        check();
    }

    /** A second one finds nothing to do, and compactions asked for at once follow each other. */
    @Test
    void compactionsFollowEachOther() {
        fill(KEYS);
        keepEvery(30, KEYS);
        List<CompactInfo> infos = Flux.merge(store.compact(AT_ONCE), store.compact(AT_ONCE))
                .collectList()
                .block(PATIENCE);
        assertEquals(2, infos.size());
        assertEquals(infos.get(0).bytesAfter(), infos.get(1).bytesBefore());
        assertEquals(0, infos.get(1).pagesMoved());
        assertEquals(infos.get(1).bytesBefore(), infos.get(1).bytesAfter());
    }

    @Test
    void aDroppedMapGivesItsSpaceBackAndRootsAreMoved() throws IOException {
        fill(KEYS);
        OrderedMap<Integer, byte[]> other = store.map("other", Codecs.int32(), Codecs.bytes());
        other.put(1, value(1)).block(PATIENCE);
        long before = store.stats().dataFileBytes();
        store.drop("m").block(PATIENCE);
        CompactInfo info = compact();
        assertEquals(1, info.pagesMoved(), "the root of the other map, at the end of the file");
        assertTrue(info.bytesAfter() <= SLACK * PAGE, info + " after " + before);
        assertTrue(Arrays.equals(value(1), other.get(1).block(PATIENCE)));
        other.put(2, value(2)).block(PATIENCE);
        store.rename("other", "another").block(PATIENCE);
        check();
        open();
        OrderedMap<Integer, byte[]> another = store.map("another", Codecs.int32(), Codecs.bytes());
        assertEquals(2, another.count(Range.all()).block(PATIENCE));
        assertTrue(store.drop("another").block(PATIENCE));
        check();
    }

    @Test
    void cancelledOrRunningWhenTheStoreCloses() {
        fill(KEYS);
        keepEvery(20, KEYS);
        long before = store.stats().dataFileBytes();
        Disposable given = store.compact(1).subscribe();
        given.dispose();
        // One after the other: this one begins when that one has ended.
        CompletableFuture<CompactInfo> slow = store.compact(1).toFuture();
        holdsEvery(20, KEYS);
        assertEquals(before, store.stats().dataFileBytes());
        assertFalse(slow.isDone());
        StoreFixture.close(store);
        Throwable failure = assertThrows(Exception.class, slow::join).getCause();
        assertTrue(failure instanceof StoreClosedException, String.valueOf(failure));
        assertThrows(StoreClosedException.class, () -> store.compact(1).block(PATIENCE));
    }

    @Test
    void aSpeedIsPositive() {
        assertThrows(IllegalArgumentException.class, () -> store.compact(0).block(PATIENCE));
        assertThrows(IllegalArgumentException.class, () -> store.compact(-1).block(PATIENCE));
    }

    /** A backup would repeat its log on pages that are gone; others who hold log do not. */
    @Test
    void aBackupKeepsTheFile() {
        fill(KEYS);
        keepEvery(20, KEYS);
        long before = store.stats().dataFileBytes();
        MillraceStore opened = (MillraceStore) store;
        LogHold reader = opened.engine().wal().hold("changes", store.durableLsn(), 0);
        LogHold backup = opened.engine().wal().hold(LogHolder.BACKUP, store.durableLsn(), 0);
        assertEquals(before, compact().bytesAfter());
        backup.close();
        assertTrue(compact().bytesAfter() < before / 2);
        reader.close();
    }
}
