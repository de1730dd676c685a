package io.millrace.btree;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.buffer.BufferPool;
import io.millrace.error.StorageFullException;
import io.millrace.testkit.Keys;
import io.millrace.txn.Step;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Bugs that engines of this kind have had, each as a test. Cursors, root shrink and ghosts: {@link ContractionTest}. */
class OldBugsTest {
    private static final int PAGE = 4096;
    private static final int KEYS = 3000;

    private static byte[] value(int key) {
        return new byte[] {(byte) key, (byte) (key >>> 8), 1};
    }

    private static void fill(TestStore store, TreeRef tree) {
        for (int i = 0; i < KEYS; i++) {
            store.put(tree, Keys.sequential(i), value(i));
        }
    }

    /** A look-up has reached the leaf when that splits: it must not trust what it finds there, and finds the key where it went. */
    @Test
    void aLookUpDuringASplitStartsAnew() throws Exception {
        try (TestStore store = new TestStore(PAGE, 128)) {
            TreeRef tree = store.tree("m");
            fill(store, tree);
            byte[] key = Keys.sequential(KEYS / 2);
            long pages = TreeCheck.check(store.pool, tree).pages();
            store.run(
                    workspace -> {
                        workspace.key(key, 0, key.length);
                        Descent descent = TreeScratch.of(workspace).descent;
                        Step step = descent.to(store.pool, workspace, tree.rootPage(), Descent.Target.KEY);
                        if (step == Step.DONE) {
                            splitAround(store, tree, key);
                            assertFalse(descent.leafValid(store.pool), "the leaf has changed under the look-up");
                        }
                        return step;
                    },
                    workspace -> null);
            assertTrue(TreeCheck.check(store.pool, tree).pages() > pages);
            assertArrayEquals(
                    value(KEYS / 2), store.get(tree, key, store.newest()).value());
        }
    }

    private static void splitAround(TestStore store, TreeRef tree, byte[] key) {
        for (int i = 0; i < 60; i++) {
            byte[] near = Arrays.copyOf(key, key.length + 1);
            near[key.length] = (byte) i;
            store.put(tree, near, new byte[100]);
        }
    }

    private static long leafOf(TestStore store, TreeRef tree, byte[] key) {
        return store.run(
                workspace -> {
                    workspace.key(key, 0, key.length);
                    return TreeScratch.of(workspace)
                            .descent
                            .to(store.pool, workspace, tree.rootPage(), Descent.Target.KEY);
                },
                workspace -> {
                    Descent descent = TreeScratch.of(workspace).descent;
                    return descent.page(descent.leaf());
                });
    }

    /** The pool has dropped an inner page and kept the leaf below it: found again, split and merged as ever. */
    @Test
    void aParentEvictedBeforeItsChild() throws Exception {
        try (TestStore store = new TestStore(PAGE, 64)) {
            TreeRef tree = store.tree("m");
            TreeRef other = store.tree("other");
            fill(store, tree);
            for (int i = 0; i < KEYS; i++) {
                store.put(other, Keys.sequential(i), new byte[200]);
            }
            assertTrue(TreeCheck.check(store.pool, other).pages() > store.pool.frameCount(), "larger than the pool");
            byte[] key = Keys.sequential(KEYS / 2);
            long leaf = leafOf(store, tree, key);
            assertNotEquals(tree.rootPage(), leaf);
            int frame = store.pool.pin(leaf);
            for (int i = 0; store.pool.frameOf(tree.rootPage()) != BufferPool.MISS; i++) {
                assertTrue(i < 100_000, "the root stays in the pool");
                store.get(other, Keys.sequential(i * 37L % KEYS), store.newest());
            }
            assertEquals(frame, store.pool.frameOf(leaf));
            assertArrayEquals(
                    value(KEYS / 2), store.get(tree, key, store.newest()).value());
            store.pool.unpinFrame(frame);
            for (int i = 0; i < KEYS; i++) {
                store.delete(tree, Keys.sequential(i));
            }
            store.tidy();
            assertEquals(List.of(), TreeCheck.check(store.pool, tree).findings());
            assertEquals(1, TreeCheck.check(store.pool, tree).pages());
        }
    }

    /** The root needs two pages to split and gets one: nothing is half done, nobody spins, and it works when there are two. */
    @Test
    void onePageOfTwoForARootSplit() throws Exception {
        try (TestStore store = new TestStore(PAGE, 64)) {
            TreeRef tree = store.tree("m");
            byte[] large = new byte[900];
            int full = 0;
            while (TreeCheck.check(store.pool, tree).leafBytes() < PAGE - 1100) {
                store.put(tree, Keys.sequential(full++), large);
            }
            store.awaitDurable(store.wal.claimedLsn());
            store.directory.capacity(store.directory.bytes());
            List<Long> held = new ArrayList<>();
            for (long page = 0;
                    store.engine.pages().freePages() > 0;
                    page = store.engine.pages().reserve(true)) {
                if (page != 0) {
                    held.add(page);
                }
            }
            // What is kept for rollback, and one.
            for (int i = 0; i <= 32; i++) {
                store.engine.pages().giveBack(held.remove(0));
            }
            int next = full;
            for (int i = 0; i < 3; i++) {
                assertThrows(StorageFullException.class, () -> store.put(tree, Keys.sequential(next), large));
            }
            TreeReport report = TreeCheck.check(store.pool, tree);
            assertEquals(List.of(), report.findings());
            assertEquals(1, report.pages());
            assertEquals(33, store.engine.pages().freePages(), "the one page was given back");
            store.directory.capacity(Long.MAX_VALUE);
            while (!hasPut(store, tree, Keys.sequential(next), large)) {
                Thread.onSpinWait();
            }
            assertEquals(next + 1, TreeCheck.check(store.pool, tree).entries());
        }
    }

    /** The allocator may be telling of the full disk still. */
    private static boolean hasPut(TestStore store, TreeRef tree, byte[] key, byte[] value) {
        try {
            store.put(tree, key, value);
            return true;
        } catch (StorageFullException stale) {
            return false;
        }
    }
}
