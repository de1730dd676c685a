package io.millrace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.testkit.Seeds;
import java.nio.file.Path;
import java.time.Duration;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;

/** Estimates against the truth: within the factor that the contract names, exact where it says so, cheap in any case. */
final class EstimateTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int KEYS = 20_000;
    private static final int SPACE = 100_000;
    private static final int RANGES = 400;

    /** Two levels of inner pages, each wrong by a factor of two at worst, and the leaves. */
    private static final int WORST = 8;

    @Test
    void isNearTheTruth(@TempDir Path directory) {
        Seeds.forEach(2, (seed, random) -> {
            Store store = StoreFixture.open(directory.resolve(Long.toString(seed)));
            OrderedMap<Integer, String> map = store.map("m", Codecs.int32(), Codecs.utf8());
            TreeSet<Integer> keys = new TreeSet<>();
            while (keys.size() < KEYS) {
                keys.add(random.nextInt(SPACE));
            }
            Flux.fromIterable(keys.stream()
                            .sorted((a, b) -> Integer.compare(a * 0x9E3779B1, b * 0x9E3779B1))
                            .toList())
                    .flatMap(key -> map.put(key, "x".repeat(key % 40)), 64)
                    .blockLast(PATIENCE);
            double deviation = 0;
            for (int i = 0; i < RANGES; i++) {
                int low = random.nextInt(SPACE);
                int high = Math.min(SPACE, low + random.nextInt(1 << random.nextInt(17)));
                Range<Integer> range = random.nextBoolean()
                        ? Range.closedOpen(low, high)
                        : Range.closedOpen(low, high).reversed();
                long truth = keys.subSet(low, high).size();
                long estimate = map.estimateCount(range).block(PATIENCE);
                if (truth <= 8) {
                    // Never more than two leaves.
                    assertEquals(truth, estimate, low + " to " + high);
                } else {
                    assertTrue(
                            estimate <= WORST * truth && WORST * estimate >= truth,
                            estimate + " for " + truth + ", " + low + " to " + high);
                    deviation += Math.abs(Math.log((double) estimate / truth));
                }
                assertEquals(
                        Math.min(3, estimate), map.estimateCount(range.limit(3)).block(PATIENCE));
            }
            double usual = Math.exp(deviation / RANGES);
            System.out.printf("estimateCount: usually off by a factor of %.2f%n", usual);
            assertTrue(usual < 1.5, "usual factor " + usual);
            long all = map.estimateCount(Range.all()).block(PATIENCE);
            assertTrue(all > KEYS / WORST && all < KEYS * WORST, "all: " + all);
            assertEquals(0, map.estimateCount(Range.closed(5, 4)).block(PATIENCE));
            assertEquals(0, map.estimateCount(Range.from(SPACE)).block(PATIENCE));
            StoreFixture.close(store);
        });
    }

    @Test
    void ofAMapThatIsNotThere(@TempDir Path directory) {
        Store store = StoreFixture.open(directory);
        OrderedMap<Integer, String> map = store.map("none", Codecs.int32(), Codecs.utf8());
        assertEquals(0, map.estimateCount(Range.all()).block(PATIENCE));
        map.put(1, "").block(PATIENCE);
        assertEquals(1, map.estimateCount(Range.all()).block(PATIENCE));
        map.delete(1).block(PATIENCE);
        assertEquals(0, map.estimateCount(Range.all()).block(PATIENCE));
        StoreFixture.close(store);
    }

    /** A store a hundred times its pool: two look-ups miss what two look-ups miss. */
    @Test
    void readsNoLeavesInBetween(@TempDir Path directory) {
        Store store = StoreFixture.open(directory);
        OrderedMap<Integer, String> map = store.map("m", Codecs.int32(), Codecs.utf8());
        Flux.range(0, KEYS).flatMap(key -> map.put(key, "x".repeat(200)), 64).blockLast(PATIENCE);
        long before = store.stats().pageMisses();
        long estimate = map.estimateCount(Range.closed(10, KEYS - 10)).block(PATIENCE);
        assertTrue(store.stats().pageMisses() - before < 12, "misses");
        assertTrue(estimate > KEYS / 2 && estimate < 2 * KEYS, "ascending: " + estimate);
        StoreFixture.close(store);
    }
}
