package io.millrace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.error.LimitExceededException;
import io.millrace.error.LockTimeoutException;
import io.millrace.error.TransactionConflictException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Maps dropped and renamed: what snapshots, transactions and handles make of it, and where the space goes. */
final class DropTest extends StoreTest {
    private static final long PAGE_SIZE = 16384;
    /** The meta page, a page of the space map, the catalogue. */
    private static final long EMPTY_STORE = 3;

    private List<String> maps() {
        return await(store.maps().collectList());
    }

    private void fill(OrderedMap<String, String> target, int entries) {
        await(store.write(tx -> Flux.range(0, entries)
                .concatMap(i -> target.in(tx).put("k" + i, "value ".repeat(30) + i))
                .then()));
    }

    /** Pages in use, the space map's and the meta page included. The file may grow at any time, so both figures are of one moment. */
    private long pagesInUse() {
        StoreStats stats = store.stats();
        return stats.dataFileBytes() / PAGE_SIZE - stats.freePages();
    }

    private void awaitPagesInUse(long pages) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (pagesInUse() != pages && System.nanoTime() < deadline) {
            Thread.onSpinWait();
        }
        assertEquals(pages, pagesInUse());
    }

    @Test
    void aDroppedMapIsGoneAndItsHandleMakesANewOne() {
        await(map.put("a", "1"));
        assertEquals(List.of("map"), maps());
        assertTrue(await(store.drop("map")));
        assertFalse(await(store.drop("map")));
        assertFalse(await(store.drop("never")));
        assertEquals(List.of(), maps());
        assertNull(await(map.get("a")));
        assertFalse(await(map.delete("a")));
        assertEquals(0, await(map.count(Range.all())));
        assertTrue(await(map.putIfAbsent("b", "2")));
        assertEquals(List.of("map"), maps());
        assertNull(await(map.get("a")));
        reopen();
        assertEquals("2", await(map.get("b")));
        assertEquals(1, await(map.count(Range.all())));
        assertTrue(await(store.drop("map")));
        reopen();
        assertEquals(List.of(), maps());
    }

    @Test
    void aSnapshotSeesTheDroppedMapAndThenItsPagesAreFree() {
        fill(map, 2000);
        assertTrue(pagesInUse() > EMPTY_STORE + 20);
        List<String> seen = await(store.read(snapshot -> Mono.defer(() -> store.drop("map"))
                        .then(Mono.defer(() -> map.put("k7", "new")))
                        .thenMany(Flux.defer(() -> map.in(snapshot).scan(Range.all())))
                        .map(Entry::key))
                .collectList());
        assertEquals(2000, seen.size());
        assertEquals("new", await(map.get("k7")));
        assertEquals(1, await(map.count(Range.all())));
        await(store.drop("map"));
        awaitPagesInUse(EMPTY_STORE);
    }

    @Test
    void aStoreThatIsFilledAndDroppedTenTimesDoesNotGrow() {
        long size = 0;
        for (int i = 0; i < 10; i++) {
            fill(map, 3000);
            await(store.drop("map"));
            long now = store.stats().dataFileBytes();
            awaitPagesInUse(EMPTY_STORE);
            size = i == 0 ? now : size;
            assertTrue(now <= size + 64 * PAGE_SIZE, "from " + size + " to " + now);
        }
        reopen();
        awaitPagesInUse(EMPTY_STORE);
    }

    @Test
    void whatWasPendingAtTheEndIsFreedByTheNextRun() {
        fill(map, 3000);
        await(store.read(snapshot -> store.drop("map").then(Mono.fromRunnable(() -> {
                    // The snapshot holds its pages to the end.
                })))
                .then());
        reopen();
        awaitPagesInUse(EMPTY_STORE);
    }

    @Test
    void aDropWaitsForTransactionsThatHaveWritten() {
        await(map.put("a", "1"));
        Transaction writer = await(store.begin(TransactionOptions.defaults()));
        await(map.in(writer).put("b", "2"));
        assertThrows(LockTimeoutException.class, () -> await(store.drop("map")));
        assertThrows(LockTimeoutException.class, () -> await(store.rename("map", "other")));
        Mono<Boolean> drop = store.drop("map").cache();
        drop.subscribe();
        await(writer.commit());
        assertTrue(await(drop));
        assertNull(await(map.get("b")));
    }

    @Test
    void aWriteOnAnOlderSnapshotIsAConflictAndRunAgainGoesToTheNewMap() {
        await(map.put("a", "1"));
        Transaction old = await(store.begin(TransactionOptions.defaults()));
        await(store.drop("map"));
        assertEquals("1", await(map.in(old).get("a")));
        assertThrows(TransactionConflictException.class, () -> await(map.in(old).put("b", "2")));
        await(old.rollback());
        boolean[] first = {true};
        await(store.write(tx -> map.in(tx)
                .get("a")
                .then(Mono.defer(() -> first[0] ? store.drop("map") : Mono.just(false)))
                .doOnNext(dropped -> first[0] = false)
                .then(Mono.defer(() -> map.in(tx).put("c", "3")))));
        assertEquals("3", await(map.get("c")));
    }

    @Test
    void whoHasReadADroppedMapIsNotSerializable() {
        await(map.put("a", "1"));
        OrderedMap<String, String> other = store.map("other", Codecs.utf8(), Codecs.utf8());
        Transaction reader = await(store.begin(TransactionOptions.defaults().isolation(Isolation.SERIALIZABLE)));
        assertEquals("1", await(map.in(reader).get("a")));
        await(other.in(reader).put("seen", "1"));
        await(store.drop("map"));
        assertThrows(TransactionConflictException.class, () -> await(reader.commit()));
        await(reader.rollback());
    }

    @Test
    void aRenamedMapHasItsEntriesUnderItsNewName() {
        OrderedMap<String, String> other = store.map("other", Codecs.utf8(), Codecs.utf8());
        fill(map, 500);
        Transaction old = await(store.begin(TransactionOptions.defaults()));
        await(store.rename("map", "other"));
        assertEquals(List.of("other"), maps());
        assertEquals(500, await(other.count(Range.all())));
        assertNull(await(map.get("k1")));
        assertEquals(500, await(map.in(old).count(Range.all())));
        assertEquals(0, await(other.in(old).count(Range.all())));
        assertThrows(
                TransactionConflictException.class, () -> await(other.in(old).put("k1", "2")));
        await(old.rollback());
        await(map.put("k1", "another"));
        assertThrows(IllegalStateException.class, () -> await(store.rename("map", "other")));
        assertThrows(IllegalStateException.class, () -> await(store.rename("never", "more")));
        await(store.rename("other", "other"));
        reopen();
        assertEquals(List.of("map", "other"), maps());
        assertEquals(500, await(store.map("other", Codecs.utf8(), Codecs.utf8()).count(Range.all())));
        assertEquals("another", await(map.get("k1")));
    }

    @Test
    void namesThatAreNoneAreRefused() {
        assertThrows(NullPointerException.class, () -> await(store.drop(null)));
        assertThrows(LimitExceededException.class, () -> await(store.drop("")));
        assertThrows(NullPointerException.class, () -> await(store.rename("a", null)));
        assertThrows(LimitExceededException.class, () -> await(store.rename("a", "x".repeat(5000))));
    }

    /** Also not when the tree with the highest number is gone, and the store is opened again and again. */
    @Test
    void aNumberIsNeverGivenAgain() {
        Set<Long> numbers = new HashSet<>();
        for (int i = 0; i < 4; i++) {
            await(map.put("a", "1"));
            await(store.map("other" + i, Codecs.utf8(), Codecs.utf8()).put("a", "1"));
            assertTrue(numbers.add(number("map")));
            assertTrue(numbers.add(number("other" + i)));
            await(store.drop("other" + i));
            await(store.drop("map"));
            if (i % 2 == 0) {
                reopen();
                assertEquals(List.of(), maps());
            }
        }
    }

    private long number(String name) {
        return ((MillraceStore) store).engine().catalogue().find(name).treeId();
    }
}
