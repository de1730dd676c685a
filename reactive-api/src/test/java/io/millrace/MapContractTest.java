package io.millrace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Single operations, each a transaction of its own. */
final class MapContractTest extends StoreTest {
    @Test
    void whatIsPutCanBeRead() {
        assertNull(await(map.get("a")));
        assertFalse(await(map.containsKey("a")));
        await(map.put("a", "1"));
        assertEquals("1", await(map.get("a")));
        assertTrue(await(map.containsKey("a")));
        await(map.put("a", "2"));
        assertEquals("2", await(map.get("a")));
        await(map.put("empty", ""));
        assertEquals("", await(map.get("empty")));
    }

    @Test
    void deleteTellsWhetherItWasThere() {
        assertFalse(await(map.delete("a")));
        await(map.put("a", "1"));
        assertTrue(await(map.delete("a")));
        assertFalse(await(map.delete("a")));
        assertNull(await(map.get("a")));
        await(map.put("a", "2"));
        assertEquals("2", await(map.get("a")));
    }

    @Test
    void conditionsAreObserved() {
        assertFalse(await(map.replace("a", "1", "2")));
        assertTrue(await(map.putIfAbsent("a", "1")));
        assertFalse(await(map.putIfAbsent("a", "2")));
        assertFalse(await(map.replace("a", "2", "3")));
        assertTrue(await(map.replace("a", "1", "3")));
        assertEquals("3", await(map.get("a")));
        await(map.delete("a"));
        assertFalse(await(map.replace("a", "3", "4")));
        assertTrue(await(map.putIfAbsent("a", "5")));
    }

    @Test
    void computeInsertsChangesAndDeletes() {
        assertEquals("1", await(map.compute("a", (key, value) -> value == null ? "1" : "wrong")));
        assertEquals("1a", await(map.compute("a", (key, value) -> value + key)));
        assertNull(await(map.compute("a", (key, value) -> null)));
        assertFalse(await(map.containsKey("a")));
        assertNull(await(map.compute("a", (key, value) -> value)));
    }

    @Test
    void computeSignalsWhatItsFunctionThrows() {
        await(map.put("a", "1"));
        Mono<String> failing = map.compute("a", (key, value) -> {
            throw new UnsupportedOperationException("mine");
        });
        assertEquals(
                "mine",
                assertThrows(UnsupportedOperationException.class, () -> await(failing))
                        .getMessage());
        assertEquals("1", await(map.get("a")));
    }

    @Test
    void concurrentComputesLoseNothing() {
        OrderedMap<String, Long> counters = store.map("counters", Codecs.utf8(), Codecs.int64());
        AtomicInteger inside = new AtomicInteger();
        Mono<Long> increment = Mono.defer(() -> {
            AtomicInteger running = new AtomicInteger();
            return counters.compute("n", (key, value) -> {
                assertEquals(1, running.incrementAndGet(), "twice at once");
                inside.incrementAndGet();
                running.decrementAndGet();
                return value == null ? 1 : value + 1;
            });
        });
        await(Flux.range(0, 3000).flatMap(i -> increment, 64).then());
        assertEquals(3000, await(counters.get("n")));
        assertTrue(inside.get() >= 3000);
    }

    @Test
    void publishersAreColdAndRepeatable() {
        Mono<Void> put = map.put("a", "1");
        Mono<Boolean> delete = map.delete("a");
        Mono<String> get = map.get("a");
        assertNull(await(get));
        await(put);
        assertEquals("1", await(get));
        assertTrue(await(delete));
        assertFalse(await(delete));
        await(put);
        assertEquals("1", await(get));
    }

    @Test
    void mapsAreApartAndListed() {
        OrderedMap<String, String> other = store.map("other", Codecs.utf8(), Codecs.utf8());
        await(map.put("a", "1"));
        assertEquals(List.of("map"), await(store.maps().collectList()));
        assertNull(await(other.get("a")));
        await(other.put("a", "2"));
        assertEquals("1", await(map.get("a")));
        assertEquals(List.of("map", "other"), await(store.maps().collectList()));
        assertEquals("other", other.name());
    }

    @Test
    void readsAndRefusalsCreateNoMap() {
        OrderedMap<String, String> other = store.map("other", Codecs.utf8(), Codecs.utf8());
        await(other.get("a"));
        await(other.delete("a"));
        await(other.replace("a", "1", "2"));
        await(other.compute("a", (key, value) -> null));
        await(other.count(Range.all()));
        await(other.scan(Range.all()).then());
        await(other.deleteRange(Range.all()));
        assertEquals(List.of(), await(store.maps().collectList()));
    }

    @Test
    void everythingIsThereAfterAReopen() {
        await(Flux.range(0, 2000).flatMap(i -> map.put("k" + i, "v" + i), 100).then());
        await(map.delete("k7"));
        assertTrue(store.recoveryReport().created());
        reopen();
        assertFalse(store.recoveryReport().created());
        assertTrue(store.recoveryReport().cleanClose());
        assertEquals(1999, await(map.count(Range.all())));
        assertNull(await(map.get("k7")));
        assertEquals("v8", await(map.get("k8")));
    }

    @Test
    void figuresMove() {
        long before = store.durableLsn();
        await(map.put("a", "1"));
        StoreStats stats = store.stats();
        assertTrue(store.durableLsn() > before);
        assertEquals(1, stats.commits());
        assertTrue(stats.forces() > 0 && stats.logBytes() > 0 && stats.dataFileBytes() > 0, stats.toString());
        await(store.checkpoint());
        await(Mono.when(store.checkpoint(), store.checkpoint()));
        assertTrue(store.stats().checkpointLsn() > 0);
    }
}
