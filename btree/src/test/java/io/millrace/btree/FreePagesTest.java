package io.millrace.btree;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.buffer.BufferPool;
import io.millrace.buffer.PageLayout;
import io.millrace.testkit.Seeds;
import io.millrace.txn.MiniTransaction;
import io.millrace.txn.SpaceMap;
import io.millrace.txn.Step;
import io.millrace.txn.Workspace;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Pages taken and given back: counted truly, used again before the file grows, and void for whoever read them before. */
class FreePagesTest {
    private static final int PAGE = 4096;

    @Test
    void freedPagesAreUsedAgainBeforeTheFileGrows() {
        Seeds.forEach(3, (seed, random) -> {
            try (TestStore store = new TestStore(PAGE, 256)) {
                List<Long> held = new ArrayList<>();
                Set<Long> ever = new HashSet<>();
                long free = store.engine.pages().freePages();
                long pages = store.data.pageCount();
                for (int i = 0; i < 4000; i++) {
                    if (held.size() < 100 && (held.isEmpty() || random.nextInt(100) < 55)) {
                        long page = take(store);
                        assertFalse(held.contains(page), "page " + page + " is in use");
                        held.add(page);
                        ever.add(page);
                    } else {
                        free(store, held.remove(random.nextInt(held.size())));
                    }
                    long grown = store.data.pageCount() - pages;
                    assertEquals(
                            free + grown - held.size(), store.engine.pages().freePages());
                }
                // Two thousand were taken: those held, those ready, those given back and not yet ready, an extent.
                assertTrue(ever.size() <= 700, "pages used: " + ever.size());
                assertTrue(store.data.pageCount() <= 800, "the file has " + store.data.pageCount() + " pages");
            }
        });
    }

    @Test
    void whoeverReadThePageBeforeStartsAnew() throws Exception {
        try (TestStore store = new TestStore(PAGE, 64)) {
            long page = take(store);
            int frame = store.pool.frameOf(page);
            long stamp = store.pool.stamp(frame);
            assertEquals(PageLayout.KIND_LEAF, PageLayout.kind(store.pool.address(frame)));
            free(store, page);
            assertFalse(store.pool.validate(frame, stamp));
            assertEquals(PageLayout.KIND_FREE, PageLayout.kind(store.pool.address(frame)));
        }
    }

    @Test
    void bitsSayWhatIsInUseAndWhatIsPending() throws Exception {
        try (TestStore store = new TestStore(PAGE, 64)) {
            long page = take(store);
            bits(store, page, true, false);
            store.run(workspace -> change(store, workspace, SpaceMap.PEND, page), workspace -> null);
            bits(store, page, true, true);
            store.run(workspace -> change(store, workspace, SpaceMap.SET, page), workspace -> null);
            bits(store, page, true, false);
            store.run(workspace -> change(store, workspace, SpaceMap.PEND, page), workspace -> null);
            free(store, page);
            bits(store, page, false, false);
        }
    }

    private static void bits(TestStore store, long page, boolean used, boolean pending) {
        long map = store.pool.address(store.pool.frameOf(SpaceMap.mapPageOf(page, PAGE)));
        int bit = SpaceMap.bitOf(page, PAGE);
        assertEquals(used, SpaceMap.isSet(map, bit));
        assertEquals(pending, SpaceMap.isPending(map, PAGE, bit));
    }

    private static Step change(TestStore store, Workspace workspace, int operation, long page) {
        workspace.miniTransaction.beginStructure(false);
        return end(workspace, store.engine.pages().plan(workspace, workspace.miniTransaction, operation, page));
    }

    private static long take(TestStore store) {
        return store.run(
                workspace -> {
                    long page = store.engine.pages().reserve(false);
                    if (page == 0) {
                        return Step.NO_FREE_PAGE;
                    }
                    workspace.miniTransaction.beginStructure(false);
                    PageImage.emptyLeaf(workspace.pageBuffer, PAGE, 99);
                    Step step = store.trees.restructuring().install(workspace, page);
                    if (step == Step.DONE) {
                        step = store.trees.restructuring().link(workspace, page);
                    }
                    step = end(workspace, step);
                    if (step != Step.DONE) {
                        store.engine.pages().giveBack(page);
                    } else {
                        workspace.awaitLsn = page;
                    }
                    return step;
                },
                workspace -> workspace.awaitLsn);
    }

    private static void free(TestStore store, long page) {
        store.run(
                workspace -> {
                    workspace.miniTransaction.beginStructure(false);
                    int frame = store.pool.frameOf(page);
                    long stamp = frame == BufferPool.MISS ? 0 : store.pool.stamp(frame);
                    return end(
                            workspace,
                            store.engine.pages().free(workspace, workspace.miniTransaction, page, frame, stamp));
                },
                workspace -> null);
    }

    private static Step end(Workspace workspace, Step planned) {
        MiniTransaction mini = workspace.miniTransaction;
        if (planned != Step.DONE) {
            mini.abandon();
            return planned;
        }
        Step step = mini.admit(workspace);
        if (step == Step.DONE) {
            step = mini.latch();
        }
        if (step == Step.DONE) {
            mini.commit(null);
        }
        return step;
    }
}
