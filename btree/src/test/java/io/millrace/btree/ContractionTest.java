package io.millrace.btree;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.common.Memory;
import io.millrace.testkit.Keys;
import io.millrace.testkit.Seeds;
import io.millrace.txn.MiniTransaction;
import io.millrace.txn.ReadView;
import io.millrace.txn.Step;
import io.millrace.txn.Transaction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Trees get smaller again, and nobody who reads, scans or rolls back meanwhile notices. */
class ContractionTest {
    private static final int PAGE = 4096;
    private static final byte[] NOTHING = {};

    private static void fill(TestStore store, TreeRef tree, int keys) {
        for (int i = 0; i < keys; i++) {
            store.put(tree, Keys.sequential(i), value(i));
        }
    }

    /** Long keys with one stem: pages without fences hold few of them, so that trees grow high. */
    private static byte[] longKey(int number) {
        byte[] key = new byte[300];
        Arrays.fill(key, (byte) 's');
        key[298] = (byte) (number >>> 8);
        key[299] = (byte) number;
        return key;
    }

    private static byte[] value(int key) {
        byte[] value = new byte[100];
        Arrays.fill(value, (byte) key);
        return value;
    }

    private static TreeReport sound(TestStore store, TreeRef tree) {
        TreeReport report = TreeCheck.check(store.pool, tree);
        assertEquals(List.of(), report.findings());
        return report;
    }

    @Test
    void filledAndEmptiedTenTimesTheStoreDoesNotGrow() throws Exception {
        try (TestStore store = new TestStore(PAGE, 128)) {
            TreeRef tree = store.tree("m");
            Random random = new Random(1);
            long pages = 0;
            for (int round = 0; round < 10; round++) {
                List<Integer> keys = new ArrayList<>();
                for (int i = 0; i < 2500; i++) {
                    keys.add(i);
                }
                Collections.shuffle(keys, random);
                keys.forEach(key -> store.put(tree, longKey(key), value(key)));
                TreeReport filled = sound(store, tree);
                assertTrue(filled.height() >= 3 && filled.pages() > 100);
                Collections.shuffle(keys, random);
                for (int i = 0; i < keys.size(); i++) {
                    store.delete(tree, longKey(keys.get(i)));
                    if (i % 500 == 0) {
                        store.maintainer.round();
                    }
                }
                store.tidy();
                TreeReport empty = sound(store, tree);
                assertEquals(1, empty.height(), "the root is a leaf again");
                assertEquals(1, empty.pages());
                assertEquals(0, empty.ghosts());
                pages = round == 0 ? store.data.pageCount() : pages;
                // Two extents, for keys that come in another order: what one round takes, and there are ten.
                assertTrue(store.data.pageCount() <= pages + 128, "grown to " + store.data.pageCount());
                assertTrue(store.maintainer.isIdle());
            }
        }
    }

    /** Growing and shrinking by turns, keys that are hard on trees, snapshots, a transaction and cursors open meanwhile. */
    @Test
    void behavesLikeASortedMapWhileItShrinks() {
        Seeds.forEach(3, (seed, random) -> {
            try (TestStore store = new TestStore(PAGE, 96)) {
                new Model(store, random).run();
            }
        });
    }

    /** A cursor that stands still while pages split and merge, and what it should deliver. */
    private record Reader(int slot, ReadView view, ScanCursor cursor, TreeMap<byte[], byte[]> rest) {
        void advance(TestStore store, TreeRef tree) {
            EntrySink sink = (key, keyLength, value, valueLength) -> {
                byte[] keyBytes = new byte[keyLength];
                Memory.copyToArray(key, keyBytes, 0, keyLength);
                byte[] valueBytes = new byte[valueLength];
                Memory.copyToArray(value, valueBytes, 0, valueLength);
                Map.Entry<byte[], byte[]> next = cursor.reverse() ? rest.pollLastEntry() : rest.pollFirstEntry();
                assertArrayEquals(next.getKey(), keyBytes);
                assertArrayEquals(next.getValue(), valueBytes);
            };
            if (!cursor.exhausted()) {
                store.run(workspace -> store.trees.scan(workspace, tree, cursor, view, sink, 5), workspace -> null);
            }
        }

        void finish(TestStore store, TreeRef tree) {
            while (!cursor.exhausted()) {
                advance(store, tree);
            }
            assertEquals(0, rest.size(), "entries the cursor did not deliver");
        }
    }

    private static final class Model {
        private static final int PHASES = 6;
        private static final int PHASE = 1500;

        private final TestStore store;
        private final Random random;
        private final TreeRef tree;
        private final TestKeys keys;
        private final TreeMap<byte[], byte[]> map = new TreeMap<>(Arrays::compareUnsigned);
        private final List<Reader> readers = new ArrayList<>();
        private int highest;
        private int lowest = Integer.MAX_VALUE;

        Model(TestStore store, Random random) {
            this.store = store;
            this.random = random;
            tree = store.tree("m");
            keys = new TestKeys(random, PAGE);
        }

        void run() {
            for (int phase = 0; phase < PHASES; phase++) {
                for (int i = 0; i < PHASE; i++) {
                    step(phase % 2 == 0);
                }
                int height = check().height();
                highest = Math.max(highest, height);
                lowest = Math.min(lowest, height);
            }
            while (!readers.isEmpty()) {
                finish(readers.remove(0));
            }
            store.tidy();
            check();
            same(map, store.scan(tree, TestStore.all(true), store.newest(), 7));
            assertTrue(highest >= 3 && lowest < highest, "heights from " + lowest + " to " + highest);
        }

        private TreeReport check() {
            TreeReport report = sound(store, tree);
            assertEquals(map.size(), report.entries());
            return report;
        }

        private void step(boolean grows) {
            int choice = random.nextInt(100);
            if (choice == 0) {
                open();
            } else if (choice == 1 && !readers.isEmpty()) {
                finish(readers.remove(random.nextInt(readers.size())));
            } else if (choice <= 8 && !readers.isEmpty()) {
                readers.get(random.nextInt(readers.size())).advance(store, tree);
            } else if (choice <= 12) {
                store.maintainer.round();
            } else if (choice == 13) {
                rolledBack();
            } else if (random.nextInt(10) < (grows ? 2 : 9)) {
                delete();
            } else {
                put();
            }
        }

        private byte[] nextKey() {
            return random.nextBoolean() ? longKey(random.nextInt(1 << 16)) : keys.next(random);
        }

        private void put() {
            byte[] key = nextKey();
            byte[] value =
                    new byte[random.nextInt(10) == 0 ? random.nextInt(Limits.maxValue(PAGE)) : random.nextInt(150)];
            random.nextBytes(value);
            store.put(tree, key, value);
            map.put(key, value);
        }

        private void delete() {
            byte[] key = someKey();
            if (key != null) {
                store.delete(tree, key);
                map.remove(key);
            }
        }

        private byte[] someKey() {
            byte[] key = map.ceilingKey(nextKey());
            return key == null && !map.isEmpty() ? map.firstKey() : key;
        }

        /** Deletes a stretch, lets the maintainer try, and takes it back. */
        private void rolledBack() {
            Transaction transaction = store.transactions.begin();
            byte[] key = someKey();
            for (int i = 0; key != null && i < 40; i++) {
                try {
                    store.write(tree, WriteMode.DELETE, transaction, key, NOTHING, NOTHING);
                } catch (Call.Conflict later) {
                    // Written since the snapshot, which is a durable LSN.
                }
                key = map.higherKey(key);
            }
            store.maintainer.round();
            store.rollback(transaction);
        }

        private void open() {
            store.awaitDurable(store.wal.claimedLsn());
            int slot = store.engine.snapshots().register();
            boolean reverse = random.nextBoolean();
            TreeMap<byte[], byte[]> rest = new TreeMap<>(map);
            readers.add(new Reader(slot, store.snapshot(slot), TestStore.all(reverse), rest));
            if (readers.size() > 4) {
                finish(readers.remove(0));
            }
        }

        private void finish(Reader reader) {
            reader.finish(store, tree);
            store.engine.snapshots().release(reader.slot());
        }
    }

    /** As long as a snapshot is older than the deletion, its ghosts stay and it sees what was there. */
    @Test
    void aSnapshotKeepsItsGhosts() throws Exception {
        try (TestStore store = new TestStore(PAGE, 64)) {
            TreeRef tree = store.tree("m");
            fill(store, tree, 200);
            store.awaitDurable(store.wal.claimedLsn());
            int slot = store.engine.snapshots().register();
            ReadView view = store.snapshot(slot);
            for (int i = 0; i < 200; i++) {
                store.delete(tree, Keys.sequential(i));
            }
            store.tidy();
            assertEquals(200, sound(store, tree).ghosts());
            assertEquals(200, store.scan(tree, TestStore.all(false), view, 10).size());
            assertArrayEquals(
                    value(7), store.get(tree, Keys.sequential(7), view).value());
            store.engine.snapshots().release(slot);
            store.tidy();
            TreeReport report = sound(store, tree);
            assertEquals(0, report.ghosts());
            assertEquals(1, report.pages());
        }
    }

    /** A transaction that deleted keeps its ghosts until it ends, and gets its entries back. */
    @Test
    void aRunningTransactionKeepsItsGhosts() throws Exception {
        try (TestStore store = new TestStore(PAGE, 64)) {
            TreeRef tree = store.tree("m");
            fill(store, tree, 100);
            store.awaitDurable(store.wal.claimedLsn());
            Transaction transaction = store.transactions.beginReadingCommitted();
            for (int i = 0; i < 100; i++) {
                store.write(tree, WriteMode.DELETE, transaction, Keys.sequential(i), NOTHING, NOTHING);
            }
            long pages = sound(store, tree).pages();
            store.tidy();
            assertEquals(100, sound(store, tree).ghosts());
            assertEquals(pages, sound(store, tree).pages(), "the room of what may come back (D3)");
            store.rollback(transaction);
            store.tidy();
            assertEquals(100, sound(store, tree).entries());
            assertEquals(pages, sound(store, tree).pages(), "nothing had to be split");
            assertArrayEquals(
                    value(99),
                    store.get(tree, Keys.sequential(99), store.newest()).value());
        }
    }

    /** Its commit lets the pages go that its deletes have emptied. */
    @Test
    void aCommitLetsGhostsAndPagesGo() throws Exception {
        try (TestStore store = new TestStore(PAGE, 64)) {
            TreeRef tree = store.tree("m");
            fill(store, tree, 200);
            store.awaitDurable(store.wal.claimedLsn());
            Transaction transaction = store.transactions.beginReadingCommitted();
            for (int i = 0; i < 200; i++) {
                store.write(tree, WriteMode.DELETE, transaction, Keys.sequential(i), NOTHING, NOTHING);
            }
            store.tidy();
            assertEquals(200, sound(store, tree).ghosts());
            store.commit(transaction);
            store.tidy();
            TreeReport report = sound(store, tree);
            assertEquals(0, report.ghosts());
            assertEquals(1, report.pages());
        }
    }

    /** Between neighbours that are full nothing fits, but nothing is what an empty page brings. */
    @Test
    void anEmptyLeafBetweenFullOnesGoes() throws Exception {
        try (TestStore store = new TestStore(PAGE, 64)) {
            TreeRef tree = store.tree("m");
            fill(store, tree, 300);
            long pages = sound(store, tree).pages();
            long leaf = leafOf(store, tree, 150);
            List<Integer> there = new ArrayList<>();
            for (int i = 0; i < 300; i++) {
                if (leafOf(store, tree, i) == leaf) {
                    there.add(i);
                }
            }
            there.forEach(key -> store.delete(tree, Keys.sequential(key)));
            store.tidy();
            TreeReport report = sound(store, tree);
            assertEquals(300 - there.size(), report.entries());
            assertEquals(pages - 1, report.pages());
        }
    }

    private static long leafOf(TestStore store, TreeRef tree, int number) {
        byte[] key = Keys.sequential(number);
        Descent descent = new Descent();
        store.run(
                workspace -> {
                    workspace.key(key, 0, key.length);
                    return descent.to(store.pool, workspace, tree, Descent.Target.KEY);
                },
                workspace -> null);
        return descent.page(descent.leaf());
    }

    /** What a rolled-back transaction inserted leaves no page behind. */
    @Test
    void aRollbackGivesItsPagesBack() throws Exception {
        try (TestStore store = new TestStore(PAGE, 64)) {
            TreeRef tree = store.tree("m");
            Transaction transaction = store.transactions.begin();
            for (int i = 0; i < 500; i++) {
                store.write(tree, WriteMode.PUT, transaction, Keys.sequential(i), value(i), NOTHING);
            }
            assertTrue(sound(store, tree).pages() > 10);
            store.rollback(transaction);
            store.tidy();
            assertEquals(1, sound(store, tree).pages());
        }
    }

    /** A cursor in the middle of a tree of three levels, which is one leaf when it goes on; forwards and backwards. */
    @Test
    void theRootShrinksDuringAScan() throws Exception {
        for (boolean reverse : new boolean[] {false, true}) {
            try (TestStore store = new TestStore(PAGE, 128)) {
                TreeRef tree = store.tree("m");
                for (int i = 0; i < 3000; i++) {
                    store.put(tree, longKey(i), value(i));
                }
                int height = sound(store, tree).height();
                assertTrue(height >= 3);
                TreeMap<byte[], byte[]> left = new TreeMap<>(Arrays::compareUnsigned);
                for (int i = 0; i < 3000; i++) {
                    if (i % 400 == 0) {
                        left.put(longKey(i), value(i));
                    } else {
                        store.delete(tree, longKey(i));
                    }
                }
                store.awaitDurable(store.wal.claimedLsn());
                int slot = store.engine.snapshots().register();
                Reader reader = new Reader(slot, store.snapshot(slot), TestStore.all(reverse), left);
                while (left.size() > 4) {
                    reader.advance(store, tree);
                }
                store.engine.snapshots().release(slot);
                store.tidy();
                assertTrue(sound(store, tree).height() < height - 1, "a root that has taken over its child");
                reader.finish(store, tree);
            }
        }
    }

    /** The page under a cursor splits, then merges with its neighbours. */
    @Test
    void aCursorSurvivesSplitAndMerge() throws Exception {
        for (boolean reverse : new boolean[] {false, true}) {
            try (TestStore store = new TestStore(PAGE, 64)) {
                TreeRef tree = store.tree("m");
                TreeMap<byte[], byte[]> content = new TreeMap<>(Arrays::compareUnsigned);
                for (int i = 0; i < 60; i++) {
                    store.put(tree, Keys.sequential(i * 1000L), value(i));
                    content.put(Keys.sequential(i * 1000L), value(i));
                }
                store.awaitDurable(store.wal.claimedLsn());
                int slot = store.engine.snapshots().register();
                Reader reader = new Reader(slot, store.snapshot(slot), TestStore.all(reverse), content);
                reader.advance(store, tree);
                long pages = sound(store, tree).pages();
                for (int i = 0; i < 3000; i++) {
                    store.put(tree, Keys.sequential(i * 20L + 1), value(i));
                }
                assertTrue(sound(store, tree).pages() > 4 * pages);
                reader.advance(store, tree);
                Transaction none = null;
                for (int i = 0; i < 3000; i++) {
                    store.write(tree, WriteMode.DELETE, none, Keys.sequential(i * 20L + 1), NOTHING, NOTHING);
                }
                // The cursor's own snapshot keeps the ghosts: it has to be let go for the pages to merge.
                store.engine.snapshots().release(slot);
                store.tidy();
                assertTrue(sound(store, tree).pages() <= 2 * pages);
                reader.finish(store, tree);
            }
        }
    }

    /** Somebody writes the leaf between the look at its ghosts and the latch: nothing is removed. */
    @Test
    void aPurgeOfALeafThatHasChangedIsRefused() throws Exception {
        try (TestStore store = new TestStore(PAGE, 64)) {
            TreeRef tree = store.tree("m");
            store.put(tree, Keys.sequential(1), value(1));
            store.delete(tree, Keys.sequential(1));
            Step step = store.run(
                    workspace -> {
                        int frame = store.pool.frameOf(tree.rootPage());
                        long stamp = store.pool.stamp(frame);
                        store.put(tree, Keys.sequential(1), value(2));
                        MiniTransaction mini = workspace.miniTransaction;
                        mini.beginStructure(false);
                        mini.change(frame, stamp, TreeOperation.LEAF_PURGE.code(), 3)
                                .putStopBit(tree.treeId())
                                .putShort(0);
                        assertEquals(Step.DONE, mini.admit(workspace));
                        assertEquals(Step.CONTENDED, mini.latch());
                        return Step.DONE;
                    },
                    workspace -> Step.DONE);
            assertEquals(Step.DONE, step);
            assertArrayEquals(
                    value(2),
                    store.get(tree, Keys.sequential(1), store.newest()).value());
        }
    }

    /** After a hundred thousand deletes a scan reads one page, not what they left behind. */
    @Test
    void aScanOverPurgedGhostsReadsOnePage() throws Exception {
        try (TestStore store = new TestStore(PAGE, 512)) {
            TreeRef tree = store.tree("m");
            for (int i = 0; i < 20_000; i++) {
                store.put(tree, Keys.sequential(i), NOTHING);
            }
            for (int i = 0; i < 20_000; i++) {
                store.delete(tree, Keys.sequential(i));
                if (i % 1000 == 0) {
                    store.tidy();
                }
            }
            store.tidy();
            ScanCursor cursor = TestStore.all(false);
            store.run(
                    workspace -> store.trees.scan(workspace, tree, cursor, store.newest(), null, 1), workspace -> null);
            assertTrue(cursor.exhausted(), "one step is enough");
            assertNull(store.get(tree, Keys.sequential(77), store.newest()).value());
        }
    }

    /** Ghosts that no delete of this run told of, as after a restart: a scan does. */
    @Test
    void aScanTellsOfGhosts() throws Exception {
        try (TestStore store = new TestStore(PAGE, 64)) {
            TreeRef tree = store.tree("m");
            fill(store, tree, 100);
            for (int i = 0; i < 90; i++) {
                store.delete(tree, Keys.sequential(i));
            }
            for (int slot = 0; slot < store.trees.hints().capacity(); slot++) {
                store.trees.hints().take(slot);
            }
            store.tidy();
            assertEquals(90, sound(store, tree).ghosts());
            assertEquals(
                    10,
                    store.scan(tree, TestStore.all(false), store.newest(), 100).size());
            store.tidy();
            assertTrue(sound(store, tree).ghosts() < 16, "too few in a leaf to be worth it");
        }
    }

    private static void same(Map<byte[], byte[]> expected, Map<byte[], byte[]> found) {
        assertEquals(expected.size(), found.size());
        expected.forEach((key, value) -> assertArrayEquals(value, found.get(key)));
    }
}
