package io.millrace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.error.LimitExceededException;
import io.millrace.error.LockTimeoutException;
import io.millrace.error.SnapshotTooOldException;
import io.millrace.error.TransactionConflictException;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Transactions that overwrite several times what there is memory for: they commit and roll back, others go on seeing what they ought to see, and
 * the memory is free again afterwards.
 */
final class LargeTransactionTest extends StoreTest {
    private static final int KEYS = 1_200;
    private static final long MEMORY = 64 << 10;

    @Override
    StoreOptions options() {
        return super.options()
                .with("buffer-pool.page-size", "4KiB")
                .with("transaction.max-version-memory", MEMORY + "B");
    }

    @BeforeEach
    void fill() {
        await(Flux.range(0, KEYS).flatMap(i -> map.put(key(i), old(i)), 256).then());
    }

    private static String key(int i) {
        return String.format("%06d", i);
    }

    private static String old(int i) {
        return "old " + i + "x".repeat(i % 400);
    }

    private static Map<String, String> all(Range<String> range, MapOperations<String, String> in) {
        return await(in.scan(range).collectMap(Entry::key, Entry::value, TreeMap::new));
    }

    private static Map<String, String> olds() {
        Map<String, String> all = new TreeMap<>();
        for (int i = 0; i < KEYS; i++) {
            all.put(key(i), old(i));
        }
        return all;
    }

    /** What {@link #change} leaves. */
    private static Map<String, String> news() {
        Map<String, String> all = new TreeMap<>();
        for (int i = 0; i < KEYS; i++) {
            if (i % 5 != 0) {
                all.put(key(i), "new " + i + "y".repeat(i % 300));
            }
            all.put(key(i) + "+", "more");
        }
        return all;
    }

    private Mono<Void> change(Transaction tx) {
        MapOperations<String, String> in = map.in(tx);
        return Flux.range(0, KEYS)
                .concatMap(i -> (i % 5 == 0
                                ? in.delete(key(i)).then()
                                : in.put(key(i), "first").then(in.put(key(i), "new " + i + "y".repeat(i % 300))))
                        .then(in.put(key(i) + "+", "more")))
                .then();
    }

    private void awaitMemory() {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (store.stats().versionBytes() != 0 && System.nanoTime() < deadline) {
            await(map.get("a"));
        }
        assertTrue(store.stats().versionBytes() <= 1024, () -> store.stats().toString());
    }

    @Test
    void commitsWhileOldSnapshotsAreRead() {
        await(store.read(snapshot -> {
                    MapOperations<String, String> before = map.in(snapshot);
                    Transaction tx = await(store.begin(TransactionOptions.defaults()));
                    await(change(tx));
                    assertEquals(olds(), all(Range.all(), before));
                    assertEquals(olds(), all(Range.all(), map));
                    assertEquals(news(), all(Range.all(), map.in(tx)));
                    await(tx.commit());
                    await(map.put(key(7), "later"));
                    await(map.delete(key(8)));
                    assertEquals(olds(), all(Range.<String>all().reversed(), before));
                    assertEquals(KEYS, await(before.count(Range.all())));
                    for (int i = 0; i < 20; i++) {
                        assertEquals(old(i), await(before.get(key(i))));
                        assertNull(await(before.get(key(i) + "+")));
                    }
                    assertTrue(
                            store.stats().versionBytes() < 3 * MEMORY,
                            store.stats().toString());
                    return Mono.just(1);
                })
                .then());
        awaitMemory();
        reopen();
        Map<String, String> expected = news();
        expected.put(key(7), "later");
        expected.remove(key(8));
        assertEquals(expected, all(Range.all(), map));
    }

    @Test
    void rollsBack() {
        Transaction tx = await(store.begin(TransactionOptions.defaults()));
        await(change(tx));
        await(store.checkpoint());
        await(tx.rollback());
        assertEquals(olds(), all(Range.all(), map));
        awaitMemory();
        reopen();
        assertEquals(olds(), all(Range.all(), map));
    }

    @Test
    void rollsBackToSavepoints() {
        Transaction tx = await(store.begin(TransactionOptions.defaults()));
        MapOperations<String, String> in = map.in(tx);
        await(in.put(key(1), "small"));
        Savepoint first = await(tx.savepoint());
        await(change(tx));
        Savepoint second = await(tx.savepoint());
        Map<String, String> changed = all(Range.all(), in);
        await(Flux.range(0, 300).concatMap(i -> in.put(key(i), "again")).then());
        await(tx.rollbackTo(second));
        assertEquals(changed, all(Range.all(), in));
        await(Flux.range(100, 300).concatMap(i -> in.delete(key(i))).then());
        await(tx.rollbackTo(second));
        assertEquals(changed, all(Range.all(), in));
        await(tx.rollbackTo(first));
        Map<String, String> expected = olds();
        expected.put(key(1), "small");
        assertEquals(expected, all(Range.all(), in));
        await(in.put(key(2), "big"));
        await(tx.commit());
        expected.put(key(2), "big");
        assertEquals(expected, all(Range.all(), map));
    }

    @Test
    void whatWasUndoneIsNotReadBack() {
        await(map.put("zz", "old"));
        Transaction tx = await(store.begin(TransactionOptions.defaults().isolation(Isolation.READ_COMMITTED)));
        MapOperations<String, String> in = map.in(tx);
        await(change(tx));
        Savepoint before = await(tx.savepoint());
        await(in.put("zz", "undone"));
        assertEquals("old", await(map.get("zz")));
        await(tx.rollbackTo(before));
        assertTrue(await(map.delete("zz")));
        Transaction reader = await(store.begin(TransactionOptions.defaults()));
        await(in.put("zz", "again"));
        assertNull(await(map.get("zz")));
        assertNull(await(map.in(reader).get("zz")));
        await(reader.rollback());
        await(tx.commit());
        assertEquals("again", await(map.get("zz")));
    }

    @Test
    void othersWriteAndConflictAsEver() {
        Transaction old = await(store.begin(TransactionOptions.defaults()));
        Transaction tx = await(store.begin(TransactionOptions.defaults()));
        await(change(tx));
        await(map.put("other", "1"));
        await(store.write(small -> map.in(small).put("another", "1")));
        assertThrows(LockTimeoutException.class, () -> await(map.put(key(1_000), "x")));
        // Its condition does not hold in its snapshot, which is in the log.
        assertEquals(false, await(map.in(old).putIfAbsent(key(1_000), "x")));
        assertEquals(false, await(map.in(old).replace(key(1_001), "x", "y")));
        await(tx.commit());
        assertEquals(old(1_002), await(map.in(old).get(key(1_002))));
        assertThrows(TransactionConflictException.class, () -> await(map.in(old).put(key(1_003), "x")));
        await(old.rollback());
        assertEquals("1", await(map.get("another")));
    }

    @Test
    void stubsHaveALimitToo() {
        await(Flux.range(0, 7_000).flatMap(i -> map.put("s" + i, "v"), 256).then());
        Transaction tx = await(store.begin(TransactionOptions.defaults()));
        LimitExceededException error = assertThrows(
                LimitExceededException.class,
                () -> await(Flux.range(0, 7_000)
                        .concatMap(i -> map.in(tx).put("s" + i, "w"))
                        .then()));
        assertTrue(error.getMessage().contains("transaction.max-version-memory"), error.getMessage());
        await(tx.rollback());
        assertEquals("v", await(map.get("s100")));
        awaitMemory();
    }

    @Test
    void oldSnapshotsKeepNothingForEver() {
        await(store.close());
        store = await(Store.open(options().with("transaction.max-snapshot-age", "50ms")));
        map = store.map("map", Codecs.utf8(), Codecs.utf8());
        await(store.read(snapshot -> {
                    assertEquals(old(1), await(map.in(snapshot).get(key(1))));
                    SnapshotTooOldException error = assertThrows(SnapshotTooOldException.class, () -> {
                        for (long end = System.nanoTime() + PATIENCE.toNanos(); System.nanoTime() < end; ) {
                            await(map.put(key(1), "new"));
                            await(map.in(snapshot).get(key(1)));
                        }
                    });
                    assertTrue(error.isTransient());
                    return Mono.just(1);
                })
                .then());
        // An idle store has no old snapshots: this one is of now, however long it takes.
        assertEquals(
                "new",
                await(store.read(snapshot -> Mono.delay(Duration.ofMillis(200))
                                .then(map.in(snapshot).get(key(1))))
                        .next()));
    }
}
