package io.millrace;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.btree.StoreCheck;
import io.millrace.storage.LocalDirectory;
import io.millrace.storage.StorageDirectory;
import io.millrace.testkit.Seeds;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Mono;

/** Values from one byte to some mebibytes among small ones, in transactions some of which are rolled back, against a {@link TreeMap}. */
final class LongValueModelTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int TRANSACTIONS = 120;
    private static final int KEYS = 40;

    @TempDir
    private Path directory;

    private NavigableMap<Integer, byte[]> model = new TreeMap<>();
    private Random random;
    private Store store;
    private OrderedMap<Integer, byte[]> map;

    @Test
    void behavesLikeATreeMap() {
        Seeds.forEach(1, (seed, seeded) -> {
            random = seeded;
            open();
            for (int i = 0; i < TRANSACTIONS; i++) {
                transaction();
                if (i % 40 == 39) {
                    compare();
                    await(store.close());
                    check();
                    open();
                }
            }
            await(store.close());
        });
    }

    private void open() {
        store = await(Store.open(StoreOptions.at(directory)
                .with("buffer-pool.page-size", "4KiB")
                .with("buffer-pool.size", "512KiB")
                .with("wal.segment-size", "256KiB")
                .with("wal.ring-slots", "256")));
        map = store.map("map", Codecs.int32(), Codecs.bytes());
    }

    private static <T> T await(Mono<T> mono) {
        return mono.block(PATIENCE);
    }

    private byte[] value() {
        int longest = switch (random.nextInt(20)) {
            case 0 -> 3 << 20;
            case 1, 2, 3 -> 100_000;
            case 4, 5, 6, 7 -> 5_000;
            default -> 200;
        };
        byte[] value = new byte[1 + random.nextInt(longest)];
        random.nextBytes(value);
        return value;
    }

    private void transaction() {
        boolean inside = random.nextInt(4) != 0;
        NavigableMap<Integer, byte[]> next = new TreeMap<>(model);
        if (!inside) {
            operation(map, next);
            model = next;
            return;
        }
        Transaction tx = await(store.begin(TransactionOptions.defaults()));
        for (int i = random.nextInt(6); i >= 0; i--) {
            operation(map.in(tx), next);
        }
        if (random.nextInt(4) == 0) {
            await(tx.rollback());
        } else {
            await(tx.commit());
            model = next;
        }
    }

    private void operation(MapOperations<Integer, byte[]> where, NavigableMap<Integer, byte[]> next) {
        int key = random.nextInt(KEYS);
        byte[] value = value();
        byte[] old = next.get(key);
        switch (random.nextInt(8)) {
            case 0 -> {
                assertEquals(old != null, await(where.delete(key)));
                next.remove(key);
            }
            case 1 -> {
                assertEquals(old == null, await(where.putIfAbsent(key, value)));
                next.putIfAbsent(key, value);
            }
            case 2 -> {
                byte[] expected = old == null || random.nextInt(3) == 0 ? value : old.clone();
                if (old != null && random.nextInt(3) == 0) {
                    expected[expected.length - 1]++;
                }
                boolean matches = Arrays.equals(expected, old);
                assertEquals(matches, await(where.replace(key, expected, value)));
                if (matches) {
                    next.put(key, value);
                }
            }
            case 3 -> {
                byte[] made = random.nextInt(4) == 0 ? null : value;
                assertArrayEquals(made, await(where.compute(key, (same, found) -> {
                    assertArrayEquals(old, found);
                    return made;
                })));
                if (made == null) {
                    next.remove(key);
                } else {
                    next.put(key, made);
                }
            }
            case 4 -> {
                NavigableMap<Integer, byte[]> range = next.subMap(key, true, Math.min(KEYS, key + 3), false);
                assertEquals((long) range.size(), await(where.deleteRange(Range.closedOpen(key, key + 3))));
                range.clear();
            }
            case 5 -> assertArrayEquals(old, await(where.get(key)));
            default -> {
                await(where.put(key, value));
                next.put(key, value);
            }
        }
    }

    private void compare() {
        List<Entry<Integer, byte[]>> found = await(map.scan(Range.all()).collectList());
        assertEquals(model.size(), found.size());
        Iterator<Map.Entry<Integer, byte[]>> expected = model.entrySet().iterator();
        for (Entry<Integer, byte[]> entry : found) {
            Map.Entry<Integer, byte[]> next = expected.next();
            assertEquals(next.getKey(), entry.key());
            assertArrayEquals(next.getValue(), entry.value());
        }
        model.forEach((key, value) -> assertArrayEquals(value, await(map.get(key))));
    }

    /** What overwritten values have left is pending at most, and nothing is lost. */
    private void check() throws IOException {
        try (StorageDirectory files = LocalDirectory.open(directory)) {
            assertEquals(List.of(), StoreCheck.check(files).findings());
        }
    }
}
