package io.millrace;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * A million random operations in transactions of 1 to 1000, some of them rolled back, on a store eight times larger than its pool, with reopens
 * in between, against a {@link TreeMap}.
 */
final class ModelTest {
    private static final int OPERATIONS = 1_000_000;
    private static final int KEYS = 60_000;
    private static final int MAX_VALUE = 500;
    private static final int REOPENS = 8;
    private static final int WINDOW = 1000;
    private static final long POOL_BYTES = 2 << 20;
    private static final byte[] DELETED = new byte[0];

    @TempDir
    private Path directory;

    private final NavigableMap<byte[], byte[]> model = new TreeMap<>(Arrays::compareUnsigned);
    private Random random;
    private Store store;
    private OrderedMap<byte[], byte[]> map;

    @Test
    void aMillionOperationsBehaveLikeATreeMap() {
        long seed = Long.getLong("millrace.seed", 20_261_121);
        random = new Random(seed);
        try {
            run();
        } catch (RuntimeException | AssertionError failure) {
            throw new AssertionError("replay with -Dtest=ModelTest -Dmillrace.seed=" + seed, failure);
        }
    }

    private void run() {
        open();
        fill();
        int done = 0;
        int nextReopen = OPERATIONS / REOPENS;
        while (done < OPERATIONS) {
            int size = size();
            transaction(size);
            done += size;
            if (done >= nextReopen) {
                nextReopen += OPERATIONS / REOPENS;
                compareAll();
                store.close().block();
                open();
            }
        }
        compareAll();
        assertTrue(
                store.stats().dataFileBytes() >= 8 * POOL_BYTES,
                "data " + store.stats().dataFileBytes());
        store.close().block();
    }

    /** Many small ones, some of a thousand. */
    private int size() {
        return random.nextInt(4) == 0 ? 1 + random.nextInt(1000) : 1 + random.nextInt(20);
    }

    private void open() {
        store = Store.open(StoreOptions.at(directory)
                        .with("buffer-pool.size", "2MiB")
                        .with("wal.segment-size", "4MiB")
                        .with("checkpoint.log-bytes", "8MiB"))
                .block();
        map = store.map("model", Codecs.bytes(), Codecs.bytes());
    }

    private void fill() {
        // In an order that fills pages everywhere.
        for (int from = 0; from < KEYS; from += 1000) {
            int first = from;
            store.write(tx -> Flux.range(first, 1000)
                            .concatMap(i -> {
                                byte[] key = key((int) (i * 7919L % KEYS));
                                byte[] value = value();
                                model.put(key, value);
                                return map.in(tx).put(key, value);
                            })
                            .then(Mono.just(true)))
                    .block();
        }
    }

    private static byte[] key(int number) {
        return String.format("key-%07d", number).getBytes(StandardCharsets.UTF_8);
    }

    private byte[] value() {
        byte[] value = new byte[random.nextInt(MAX_VALUE)];
        random.nextBytes(value);
        return value;
    }

    /** Mostly neighbours of one key, so that pages see more than one change; else anywhere. */
    private int pick(int centre) {
        return random.nextInt(5) == 0 ? random.nextInt(KEYS) : Math.floorMod(centre + random.nextInt(WINDOW), KEYS);
    }

    private void transaction(int size) {
        int centre = random.nextInt(KEYS);
        NavigableMap<byte[], byte[]> view = new TreeMap<>(Arrays::compareUnsigned);
        Transaction tx = store.begin(TransactionOptions.defaults()).block();
        MapOperations<byte[], byte[]> inside = map.in(tx);
        for (int i = 0; i < size; i++) {
            operation(inside, view, pick(centre));
        }
        if (random.nextInt(10) == 0) {
            tx.rollback().block();
        } else {
            tx.commit().block();
            view.forEach(this::apply);
        }
    }

    private void apply(byte[] key, byte[] value) {
        if (value == DELETED) {
            model.remove(key);
        } else {
            model.put(key, value);
        }
    }

    private byte[] expected(NavigableMap<byte[], byte[]> view, byte[] key) {
        byte[] own = view.get(key);
        if (own == DELETED) {
            return null;
        }
        return own != null ? own : model.get(key);
    }

    private void operation(MapOperations<byte[], byte[]> inside, NavigableMap<byte[], byte[]> view, int number) {
        byte[] key = key(number);
        byte[] before = expected(view, key);
        switch (random.nextInt(10)) {
            case 0, 1, 2 -> {
                byte[] value = value();
                inside.put(key, value).block();
                view.put(key, value.clone());
            }
            case 3, 4 -> {
                assertEquals(before != null, inside.delete(key).block());
                view.put(key, DELETED);
            }
            case 5 -> {
                byte[] value = value();
                boolean put = Boolean.TRUE.equals(inside.putIfAbsent(key, value).block());
                assertEquals(before == null, put);
                if (put) {
                    view.put(key, value.clone());
                }
            }
            case 6 -> {
                byte[] value = value();
                byte[] expect = before == null || random.nextInt(4) == 0 ? value() : before;
                boolean replaced =
                        Boolean.TRUE.equals(inside.replace(key, expect, value).block());
                assertEquals(before != null && Arrays.equals(expect, before), replaced);
                if (replaced) {
                    view.put(key, value.clone());
                }
            }
            default -> assertArrayEquals(before, inside.get(key).block());
        }
    }

    private void compareAll() {
        Iterator<Map.Entry<byte[], byte[]>> expected = model.entrySet().iterator();
        List<Entry<byte[], byte[]>> all = map.scan(Range.all()).collectList().block();
        assertEquals(model.size(), all.size());
        for (Entry<byte[], byte[]> entry : all) {
            Map.Entry<byte[], byte[]> next = expected.next();
            assertArrayEquals(next.getKey(), entry.key());
            assertArrayEquals(next.getValue(), entry.value());
        }
        assertEquals(model.size(), map.count(Range.all()).block());
        byte[] from = key(random.nextInt(KEYS));
        List<byte[]> descending = map.scan(Range.<byte[]>to(from).reversed().limit(50))
                .map(Entry::key)
                .collectList()
                .block();
        Iterator<byte[]> keys = model.headMap(from, true).descendingKeySet().iterator();
        for (byte[] found : descending) {
            assertArrayEquals(keys.next(), found);
        }
        assertEquals(Math.min(50, model.headMap(from, true).size()), descending.size());
    }
}
