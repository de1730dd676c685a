package io.millrace.btree;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.error.LimitExceededException;
import io.millrace.testkit.Keys;
import io.millrace.txn.MiniTransaction;
import io.millrace.txn.Step;
import io.millrace.txn.Transaction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How trees grow, shrink and come into being. */
class TreeShapeTest {
    private static final int PAGE = 4096;

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void keysInOrderLeaveFullPages(boolean ascending) throws Exception {
        try (TestStore store = new TestStore(PAGE, 256)) {
            TreeRef tree = store.tree("m");
            int count = 10_000;
            for (int i = 0; i < count; i++) {
                store.put(tree, Keys.sequential(ascending ? i : count - i), new byte[100]);
            }
            TreeReport report = TreeCheck.check(store.pool, tree);
            assertEquals(List.of(), report.findings());
            assertEquals(count, report.entries());
            long leaves = report.pages() * 19 / 20;
            double fill = (double) report.leafBytes() / (leaves * PAGE);
            assertTrue(fill > 0.9, "fill " + fill + " of " + report.pages() + " pages");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4096, 16384, 32768})
    void largestKeysAndValuesFit(int pageSize) throws Exception {
        try (TestStore store = new TestStore(pageSize, 64)) {
            TreeRef tree = store.tree("m");
            Random random = new Random(3);
            byte[] stem = new byte[Limits.maxKey(pageSize)];
            random.nextBytes(stem);
            List<byte[]> keys = new ArrayList<>();
            for (int i = 0; i < 120; i++) {
                byte[] key = stem.clone();
                key[key.length - 1] = (byte) i;
                if (i % 3 == 0) {
                    random.nextBytes(key);
                }
                keys.add(key);
                store.put(tree, key, new byte[random.nextInt(4) == 0 ? 1 : Limits.maxValue(pageSize)]);
            }
            assertEquals(List.of(), TreeCheck.check(store.pool, tree).findings());
            for (byte[] key : keys) {
                assertTrue(store.put(tree, key, new byte[Limits.maxValue(pageSize)])
                        .found());
            }
            TreeReport report = TreeCheck.check(store.pool, tree);
            assertEquals(List.of(), report.findings());
            assertEquals(keys.size(), report.entries());
            assertTrue(report.height() > 2);
        }
    }

    @Test
    void ghostsMakeRoomForNewEntries() throws Exception {
        try (TestStore store = new TestStore(PAGE, 64)) {
            TreeRef tree = store.tree("m");
            long pages = 0;
            for (int round = 0; round < 30; round++) {
                for (int i = 0; i < 200; i++) {
                    store.put(tree, Keys.sequential(i), new byte[60]);
                }
                long lsn = 0;
                for (int i = 0; i < 200; i++) {
                    lsn = store.delete(tree, Keys.sequential(i)).lsn();
                }
                store.awaitDurable(lsn);
                if (round == 2) {
                    pages = TreeCheck.check(store.pool, tree).pages();
                }
            }
            TreeReport report = TreeCheck.check(store.pool, tree);
            assertEquals(0, report.entries());
            assertEquals(pages, report.pages(), "the same keys need the same pages again and again");
        }
    }

    @Test
    void rollbackSplitsIfOthersHaveTakenTheRoom() throws Exception {
        try (TestStore store = new TestStore(PAGE, 64)) {
            TreeRef tree = store.tree("m");
            byte[] large = new byte[Limits.maxValue(PAGE)];
            Arrays.fill(large, (byte) 7);
            for (int i = 0; i < 3; i++) {
                store.awaitDurable(
                        store.put(tree, Keys.sequential(i * 1000L), large).lsn());
            }
            Transaction transaction = store.transactions.begin();
            for (int i = 0; i < 3; i++) {
                store.write(tree, WriteMode.DELETE, transaction, Keys.sequential(i * 1000L), large, large);
            }
            for (int i = 1; i < 80; i++) {
                store.put(tree, Keys.sequential(i), new byte[20]);
            }
            long before = TreeCheck.check(store.pool, tree).pages();
            store.rollback(transaction);
            TreeReport report = TreeCheck.check(store.pool, tree);
            assertEquals(List.of(), report.findings());
            assertTrue(report.pages() > before, "rollback had to split");
            for (int i = 0; i < 3; i++) {
                assertArrayEquals(
                        large,
                        store.get(tree, Keys.sequential(i * 1000L), store.newest())
                                .value());
            }
        }
    }

    @Test
    void answersSayWhatTheyRestOn() throws Exception {
        try (TestStore store = new TestStore(PAGE, 64)) {
            TreeRef tree = store.tree("m");
            byte[] key = Keys.sequential(1);
            TestStore.Written first = store.put(tree, key, new byte[1]);
            assertEquals(first.lsn(), store.get(tree, key, store.newest()).awaitLsn());
            assertEquals(
                    first.lsn(),
                    store.get(tree, Keys.sequential(2), store.newest()).awaitLsn(),
                    "page LSN");
            TestStore.Written refused = store.write(tree, WriteMode.PUT_IF_ABSENT, null, key, new byte[2], new byte[0]);
            assertEquals(0, refused.lsn());
            assertEquals(first.lsn(), refused.awaitLsn());
            TestStore.Written gone = store.delete(tree, key);
            TestStore.Written again = store.delete(tree, key);
            assertEquals(0, again.lsn());
            assertEquals(gone.lsn(), again.awaitLsn());
            assertNull(store.get(tree, key, store.newest()).value());
        }
    }

    @Test
    void aTreeIsCreatedOnceHoweverManyAsk() throws Exception {
        try (TestStore store = new TestStore(PAGE, 64)) {
            ExecutorService threads = Executors.newFixedThreadPool(4);
            List<Future<?>> futures = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                futures.add(threads.submit(() -> {
                    for (int n = 0; n < 300; n++) {
                        store.tree("tree-" + n);
                    }
                }));
            }
            for (Future<?> future : futures) {
                future.get();
            }
            threads.shutdown();
            assertEquals(300, store.catalogue.names().size());
            Catalogue reopened = new Catalogue(store.trees);
            store.run(reopened::load, workspace -> null);
            assertEquals(store.catalogue.names(), reopened.names());
            for (String name : reopened.names()) {
                TreeRef one = store.catalogue.find(name);
                TreeRef other = reopened.find(name);
                assertEquals(one.treeId(), other.treeId());
                assertEquals(one.rootPage(), other.rootPage());
                assertEquals(List.of(), TreeCheck.check(store.pool, one).findings());
            }
            assertNotEquals(
                    store.tree("tree-1").rootPage(), store.tree("tree-2").rootPage());
            assertTrue(store.catalogue.newestChangeLsn() > 0);
            assertThrows(LimitExceededException.class, () -> Catalogue.encode("x".repeat(PAGE), PAGE));
            assertThrows(LimitExceededException.class, () -> Catalogue.encode("", PAGE));
        }
    }

    /** A page was evicted after the descent and its frame given to a page about to be formatted: the plan must not be carried out. */
    @Test
    void aPlanWithTwoStampsOfOneFrameIsRefused() throws Exception {
        try (TestStore store = new TestStore(PAGE, 64)) {
            TreeRef tree = store.tree("m");
            Step step = store.run(
                    workspace -> {
                        int frame = store.pool.frameOf(tree.rootPage());
                        long stamp = store.pool.stamp(frame);
                        MiniTransaction mini = workspace.miniTransaction;
                        mini.beginStructure(false);
                        mini.change(frame, stamp, TreeOperation.LEAF_PURGE.code(), 1)
                                .putByte(1);
                        mini.change(frame, stamp + 1, TreeOperation.LEAF_PURGE.code(), 1)
                                .putByte(1);
                        assertEquals(Step.CONTENDED, mini.admit(workspace));
                        return Step.DONE;
                    },
                    workspace -> Step.DONE);
            assertEquals(Step.DONE, step);
        }
    }
}
