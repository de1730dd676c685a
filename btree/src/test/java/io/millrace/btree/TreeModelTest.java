package io.millrace.btree;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.testkit.Seeds;
import io.millrace.txn.ReadView;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** A tree of tiny pages in a tiny pool against a TreeMap, with single operations; the tree is checked as it grows. */
class TreeModelTest {
    private static final int PAGE = 4096;
    private static final int STEPS = 24_000;
    private static final byte[] NOTHING = {};

    private record Model(TestStore store, TreeRef tree, TreeMap<byte[], byte[]> map) {}

    @Test
    void behavesLikeASortedMap() {
        Seeds.forEach(2, (seed, random) -> {
            try (TestStore store = new TestStore(PAGE, 64)) {
                Model model = new Model(store, store.tree("m"), new TreeMap<>(Arrays::compareUnsigned));
                TestKeys keys = new TestKeys(random, PAGE);
                for (int i = 1; i <= STEPS; i++) {
                    step(model, random, keys.next(random));
                    if (i % 3000 == 0) {
                        check(model);
                        compare(model, random, keys);
                    }
                }
                TreeReport report = check(model);
                assertTrue(report.height() >= 3, "height " + report.height());
                assertTrue(report.pages() > 64, "larger than the pool: " + report.pages());
            }
        });
    }

    private static TreeReport check(Model model) {
        TreeReport report = TreeCheck.check(model.store.pool, model.tree);
        assertEquals(List.of(), report.findings());
        assertEquals(model.map.size(), report.entries());
        return report;
    }

    private static void step(Model model, Random random, byte[] fresh) {
        byte[] known = model.map.floorKey(fresh);
        byte[] key = known != null && random.nextBoolean() ? known : fresh;
        byte[] value =
                new byte[random.nextInt(20) == 0 ? random.nextInt(Limits.maxValue(PAGE) + 1) : random.nextInt(200)];
        random.nextBytes(value);
        byte[] old = model.map.get(key);
        switch (random.nextInt(8)) {
            case 0, 1 -> {
                TestStore.Written written = model.store.delete(model.tree, key);
                assertEquals(old != null, written.found());
                assertEquals(old != null, written.lsn() != 0);
                model.map.remove(key);
            }
            case 2 -> {
                TestStore.Written written =
                        model.store.write(model.tree, WriteMode.PUT_IF_ABSENT, null, key, value, NOTHING);
                assertEquals(old == null, written.lsn() != 0);
                model.map.putIfAbsent(key, value);
            }
            case 3 -> {
                byte[] expected = old != null && random.nextBoolean() ? old : value;
                TestStore.Written written =
                        model.store.write(model.tree, WriteMode.REPLACE, null, key, value, expected);
                boolean replaced = old != null && Arrays.equals(old, expected);
                assertEquals(replaced, written.lsn() != 0);
                if (replaced) {
                    model.map.put(key, value);
                }
            }
            case 4 -> compareAndSet(model, random, key, value);
            default -> {
                assertEquals(
                        old != null, model.store.put(model.tree, key, value).found());
                model.map.put(key, value);
            }
        }
    }

    private static void compareAndSet(Model model, Random random, byte[] key, byte[] value) {
        TestStore.Read read = model.store.get(model.tree, key, model.store.newest());
        assertArrayEquals(model.map.get(key), read.value());
        boolean wrong = random.nextInt(4) == 0;
        boolean delete = random.nextBoolean();
        WriteMode mode = delete ? WriteMode.CAS_STAMP_DELETE : WriteMode.CAS_STAMP;
        long expected = (read.value() == null ? 0 : read.stamp()) + (wrong ? 1L << 40 : 0);
        TestStore.Written written = model.store.cas(model.tree, mode, key, value, expected);
        boolean writes = !wrong && (!delete || read.value() != null);
        assertEquals(writes, written.lsn() != 0);
        if (writes && delete) {
            model.map.remove(key);
        } else if (writes) {
            model.map.put(key, value);
        }
    }

    private static void compare(Model model, Random random, TestKeys keys) {
        TestStore store = model.store;
        same(model.map, store.scan(model.tree, TestStore.all(false), store.newest(), 1000));
        same(model.map, store.scan(model.tree, TestStore.all(true), store.newest(), 7));
        for (int i = 0; i < 40; i++) {
            byte[] a = keys.next(random);
            byte[] b = keys.next(random);
            boolean withA = random.nextBoolean();
            boolean withB = random.nextBoolean();
            boolean reverse = random.nextBoolean();
            NavigableMap<byte[], byte[]> expected = Arrays.compareUnsigned(a, b) > 0
                    ? new TreeMap<>(Arrays::compareUnsigned)
                    : model.map.subMap(a, withA, b, withB);
            ScanCursor cursor = new ScanCursor(a, withA, b, withB, reverse);
            same(expected, store.scan(model.tree, cursor, store.newest(), 1 + random.nextInt(50)));
            ScanCursor half = new ScanCursor(a, withA, null, false, reverse);
            same(model.map.tailMap(a, withA), store.scan(model.tree, half, store.newest(), 300));
            ScanCursor counting = new ScanCursor(null, false, b, withB, reverse);
            assertEquals(model.map.headMap(b, withB).size(), count(model, counting, store.newest()));
        }
        for (int i = 0; i < 300; i++) {
            byte[] key = keys.next(random);
            assertArrayEquals(
                    model.map.get(key),
                    store.get(model.tree, key, store.newest()).value());
        }
    }

    private static long count(Model model, ScanCursor cursor, ReadView view) {
        while (!cursor.exhausted()) {
            model.store.run(
                    workspace -> model.store.trees.scan(workspace, model.tree, cursor, view, null, 100),
                    workspace -> null);
        }
        return cursor.entries();
    }

    static void same(NavigableMap<byte[], byte[]> expected, NavigableMap<byte[], byte[]> found) {
        assertEquals(expected.size(), found.size());
        Iterator<Map.Entry<byte[], byte[]>> other = found.entrySet().iterator();
        for (Map.Entry<byte[], byte[]> entry : expected.entrySet()) {
            Map.Entry<byte[], byte[]> next = other.next();
            assertArrayEquals(entry.getKey(), next.getKey());
            assertArrayEquals(entry.getValue(), next.getValue());
        }
    }
}
