package io.millrace.btree;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.testkit.Keys;
import io.millrace.txn.ReadView;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Pages change their place, and nobody who knew the old one notices; the tail of the file, sealed and cut. */
class RelocationTest {
    private static final int PAGE = 4096;
    private static final int KEYS = 3000;
    private static final int KEPT = 25;

    private static byte[] value(int key) {
        byte[] value = new byte[300];
        Arrays.fill(value, (byte) key);
        return value;
    }

    /** A file most of which is free, with what is left all over it. */
    private static TreeMap<byte[], byte[]> scattered(TestStore store, TreeRef tree) {
        TreeMap<byte[], byte[]> kept = new TreeMap<>(Arrays::compareUnsigned);
        for (int i = 0; i < KEYS; i++) {
            store.put(tree, Keys.sequential(i), value(i));
        }
        for (int i = 0; i < KEYS; i++) {
            if (i / KEPT % 10 == 9) {
                kept.put(Keys.sequential(i), value(i));
            } else {
                store.delete(tree, Keys.sequential(i));
            }
        }
        store.tidy();
        return kept;
    }

    private static Set<Long> pagesOf(TestStore store, TreeRef tree) {
        Set<Long> pages = new HashSet<>();
        TreeReport report = new TreeCheck(new PoolPages(store.pool), tree, pages::add).run();
        assertEquals(List.of(), report.findings());
        return pages;
    }

    private static void holds(TestStore store, TreeRef tree, ReadView view, TreeMap<byte[], byte[]> expected) {
        for (boolean reverse : new boolean[] {false, true}) {
            TreeMap<byte[], byte[]> found = store.scan(tree, TestStore.all(reverse), view, 7);
            assertEquals(expected.size(), found.size());
            for (Map.Entry<byte[], byte[]> entry : expected.entrySet()) {
                assertArrayEquals(entry.getValue(), found.get(entry.getKey()));
            }
        }
    }

    @Test
    void whatLiesInTheTailIsMovedBeforeIt() throws Exception {
        try (TestStore store = new TestStore(PAGE, 128)) {
            TreeRef tree = store.tree("m");
            TreeMap<byte[], byte[]> kept = scattered(store, tree);
            long free = store.engine.pages().freePages();
            Set<Long> before = pagesOf(store, tree);
            long tail = store.engine.pages().sealTail();
            assertTrue(tail < store.data.pageCount() / 2);
            long inTail = before.stream().filter(page -> page >= tail).count();
            assertTrue(inTail > 5, "pages to move: " + inTail);
            assertEquals(inTail, store.relocate(tree, tail));
            Set<Long> after = pagesOf(store, tree);
            assertEquals(before.size(), after.size());
            assertTrue(after.stream().allMatch(page -> page < tail));
            assertTrue(after.contains(tree.rootPage()));
            assertEquals(free, store.engine.pages().freePages());
            assertTrue(store.engine.pages().pagesInUse() <= tail);
            holds(store, tree, store.newest(), kept);
        }
    }

    /** A cursor that stands in a page that is moved. */
    @Test
    void aCursorGoesOnBehindAMove() throws Exception {
        for (boolean reverse : new boolean[] {false, true}) {
            try (TestStore store = new TestStore(PAGE, 128)) {
                TreeRef tree = store.tree("m");
                TreeMap<byte[], byte[]> kept = scattered(store, tree);
                ScanCursor cursor = TestStore.all(reverse);
                int[] seen = new int[1];
                EntrySink sink = (key, keyLength, value, valueLength) -> seen[0]++;
                while (seen[0] < kept.size() / 2) {
                    store.run(
                            workspace -> store.trees.scan(workspace, tree, cursor, store.newest(), sink, 3),
                            workspace -> null);
                }
                assertTrue(store.relocate(tree, store.engine.pages().sealTail()) > 5);
                while (!cursor.exhausted()) {
                    store.run(
                            workspace -> store.trees.scan(workspace, tree, cursor, store.newest(), sink, 3),
                            workspace -> null);
                }
                assertEquals(kept.size(), seen[0]);
            }
        }
    }

    /** While it is sealed, what is free before the tail is handed out first; then the tail is, and can not be cut off any more. */
    @Test
    void whoNeedsTheTailBreaksTheSeal() throws Exception {
        try (TestStore store = new TestStore(PAGE, 128)) {
            TreeRef tree = store.tree("m");
            scattered(store, tree);
            long tail = store.engine.pages().sealTail();
            assertTrue(store.relocate(tree, tail) > 5);
            long end = store.engine.pages().pagesInUse();
            assertTrue(store.engine.pages().isSealed());
            int more = 0;
            while (store.engine.pages().isSealed()) {
                assertTrue(pagesOf(store, tree).stream().allMatch(page -> page < tail));
                for (int i = 0; i < 100; i++) {
                    store.put(tree, Keys.sequential(KEYS + more++), value(i));
                }
            }
            assertFalse(store.engine.pages().cutTail(end, () -> {
                throw new AssertionError("nothing to announce");
            }));
        }
    }

    /** What is cut off is gone, is not counted, and grows again when it is needed. */
    @Test
    void theTailIsCutOffAndGrowsAgain() throws Exception {
        try (TestStore store = new TestStore(PAGE, 128)) {
            TreeRef tree = store.tree("m");
            TreeMap<byte[], byte[]> kept = scattered(store, tree);
            long tail = store.engine.pages().sealTail();
            store.relocate(tree, tail);
            store.awaitDurable(store.wal.claimedLsn());
            store.pool.flushAll();
            long pages = store.data.pageCount();
            long free = store.engine.pages().freePages();
            long end = Math.max(tail, store.engine.pages().pagesInUse());
            boolean[] announced = new boolean[1];
            assertTrue(store.engine.pages().cutTail(end, () -> {
                announced[0] = true;
                assertEquals(pages, store.data.pageCount(), "announced before it is cut");
            }));
            assertTrue(announced[0]);
            assertEquals(end, store.data.pageCount());
            assertEquals(free - (pages - end), store.engine.pages().freePages());
            store.engine.pages().unseal();
            holds(store, tree, store.newest(), kept);
            for (int i = 0; i < KEYS; i++) {
                store.put(tree, Keys.sequential(i), value(i));
                kept.put(Keys.sequential(i), value(i));
            }
            holds(store, tree, store.newest(), kept);
            pagesOf(store, tree);
            assertTrue(store.data.pageCount() > end);
        }
    }
}
