package io.millrace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** Ranges, back-pressure, batches, counting and deleting ranges. */
final class ScanContractTest extends StoreTest {
    private final NavigableMap<Integer, Integer> model = new TreeMap<>();
    private OrderedMap<Integer, Integer> numbers;

    private void fill(int count) {
        numbers = store.map("numbers", Codecs.int32(), Codecs.int32());
        Random random = new Random(count);
        for (int i = 0; i < count; i++) {
            model.put(random.nextInt(4 * count) - 2 * count, i);
        }
        await(Flux.fromIterable(model.entrySet())
                .flatMap(entry -> numbers.put(entry.getKey(), entry.getValue()), 128)
                .then());
    }

    @Test
    void rangesAreThoseOfATreeMap() {
        fill(3000);
        Random random = new Random(1);
        for (int i = 0; i < 60; i++) {
            int a = random.nextInt(12_000) - 6000;
            int b = i % 5 == 0 ? a : a + random.nextInt(3000);
            check(Range.closed(a, b), model.subMap(a, true, b, true));
            check(Range.closedOpen(a, b), model.subMap(a, true, b, false));
            check(Range.openClosed(a, b), model.subMap(a, false, b, true));
            if (a != b) {
                check(Range.open(a, b), model.subMap(a, false, b, false));
            }
            check(Range.from(a), model.tailMap(a, true));
            check(Range.after(a), model.tailMap(a, false));
            check(Range.to(a), model.headMap(a, true));
            check(Range.before(a), model.headMap(a, false));
        }
        check(Range.all(), model);
        check(Range.closed(5, 4), new TreeMap<>());
        check(Range.open(5, 5), new TreeMap<>());
    }

    private void check(Range<Integer> range, NavigableMap<Integer, Integer> expected) {
        List<Integer> keys = new ArrayList<>(expected.keySet());
        assertEquals(keys, keys(range), range.toString());
        assertEquals(new ArrayList<>(expected.descendingKeySet()), keys(range.reversed()), range.reversed()::toString);
        assertEquals(keys.size(), await(numbers.count(range)));
        int some = keys.size() / 2;
        assertEquals(keys.subList(0, some), keys(range.limit(some)));
        assertEquals(some, await(numbers.count(range.limit(some))));
    }

    private List<Integer> keys(Range<Integer> range) {
        return await(numbers.scan(range).map(Entry::key).collectList());
    }

    @Test
    void prefixesAreThoseOfTheBytes() {
        for (String key : List.of("a", "ab", "abc", "ab\u00ff", "ac", "b", "\uDBFF\uDFFF")) {
            await(map.put(key, key));
        }
        assertEquals(List.of("ab", "abc", "ab\u00ff"), strings(Range.prefix("ab")));
        assertEquals(
                List.of("ab\u00ff", "abc"),
                strings(Range.prefix("ab").reversed().limit(2)));
        assertEquals(7, await(map.count(Range.prefix(""))));
        assertEquals(List.of("\uDBFF\uDFFF"), strings(Range.prefix("\uDBFF\uDFFF")));
        assertEquals(List.of(), strings(Range.prefix("x")));
    }

    private List<String> strings(Range<String> range) {
        return await(map.scan(range).map(Entry::key).collectList());
    }

    @Test
    void demandIsHonouredExactly() {
        fill(2000);
        List<Integer> keys = new ArrayList<>(model.keySet());
        StepVerifier.create(numbers.scan(Range.all()).map(Entry::key), 0)
                .expectSubscription()
                .expectNoEvent(Duration.ofMillis(50))
                .thenRequest(1)
                .expectNext(keys.get(0))
                .thenRequest(3)
                .expectNext(keys.get(1), keys.get(2), keys.get(3))
                .expectNoEvent(Duration.ofMillis(50))
                .thenRequest(keys.size() - 4L)
                .expectNextCount(keys.size() - 4L)
                .expectComplete()
                .verify(PATIENCE);
    }

    @Test
    void cancelledScansLetGo() {
        fill(2000);
        assertEquals(7, await(numbers.scan(Range.all()).take(7).count()));
        StepVerifier.create(numbers.scan(Range.all()), 1)
                .expectNextCount(1)
                .thenCancel()
                .verify(PATIENCE);
        awaitQuiet();
    }

    @Test
    void scanSeesOneSnapshot() {
        fill(2000);
        AtomicInteger seen = new AtomicInteger();
        await(numbers.scan(Range.all())
                .concatMap(entry -> seen.getAndIncrement() == 0
                        ? numbers.deleteRange(Range.all()).thenReturn(entry)
                        : Mono.just(entry))
                .then());
        assertEquals(model.size(), seen.get());
        assertEquals(0, await(numbers.count(Range.all())));
    }

    @Test
    void batchesAreNeverEmptyNorTooLarge() {
        fill(3000);
        List<List<Entry<Integer, Integer>>> batches =
                await(numbers.scanBatches(Range.all(), 50).collectList());
        List<Integer> keys = new ArrayList<>();
        for (List<Entry<Integer, Integer>> batch : batches) {
            assertTrue(!batch.isEmpty() && batch.size() <= 50, () -> "batch of " + batch.size());
            batch.forEach(entry -> keys.add(entry.key()));
        }
        assertEquals(new ArrayList<>(model.keySet()), keys);
        StepVerifier.create(numbers.scanBatches(Range.all(), 10), 2)
                .expectNextCount(2)
                .thenCancel()
                .verify(PATIENCE);
        assertEquals(
                77,
                await(numbers.scanBatches(Range.<Integer>all().limit(77), 10)
                        .reduce(0, (sum, batch) -> sum + batch.size())));
    }

    @Test
    void deletedRangesAreGone() {
        fill(3000);
        long expected = model.subMap(-1000, true, 1000, true).size();
        assertEquals(expected, await(numbers.deleteRange(Range.closed(-1000, 1000))));
        assertEquals(0, await(numbers.deleteRange(Range.closed(-1000, 1000))));
        assertEquals(model.size() - expected, await(numbers.count(Range.all())));
        int last = model.lastKey();
        assertEquals(
                1, await(numbers.deleteRange(Range.<Integer>all().reversed().limit(1))));
        assertEquals(false, await(numbers.containsKey(last)));
        reopen();
        numbers = store.map("numbers", Codecs.int32(), Codecs.int32());
        assertEquals(model.size() - expected - 1, await(numbers.count(Range.all())));
    }
}
