package io.millrace.btree;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.buffer.PageLayout;
import io.millrace.common.Memory;
import io.millrace.recovery.StoreCreation;
import io.millrace.testkit.Seeds;
import io.millrace.txn.LoggedRecord;
import io.millrace.txn.RecordHandlers;
import io.millrace.txn.SpaceMap;
import io.millrace.txn.Transaction;
import io.millrace.wal.LogProofs;
import io.millrace.wal.LogRecovery;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The log alone, applied to the pages of an empty store, gives every page byte for byte as it is in memory. */
class RedoTest {
    private static final int PAGE = 4096;
    private static final int STEPS = 8000;
    private static final int PHASE = 2000;

    @Test
    void theLogAloneRebuildsEveryPage() {
        Seeds.forEach(2, (seed, random) -> {
            Map<Long, byte[]> inMemory;
            TestStore store = new TestStore(PAGE, 128);
            try (store) {
                write(store, random);
                store.awaitDurable(store.wal.claimedLsn());
                inMemory = pages(store);
            }
            Map<Long, Long> rebuilt = new TreeMap<>();
            LoggedRecord logged = new LoggedRecord();
            RecordHandlers handlers = new RecordHandlers(List.of(new SpaceMap(), new TreeRecordHandler()));
            LogRecovery.findEnd(
                    store.directory,
                    TestStore.STORE_ID,
                    1,
                    new LogProofs(0, "nothing"),
                    (lsn, address, length) -> redo(logged.wrap(lsn, address, length), handlers, rebuilt));
            assertTrue(rebuilt.size() > 20, "pages: " + rebuilt.size());
            for (Map.Entry<Long, Long> page : rebuilt.entrySet()) {
                compare(page.getKey(), page.getValue(), inMemory.get(page.getKey()));
                Memory.free(page.getValue());
            }
        });
    }

    private static void write(TestStore store, Random random) {
        TreeRef tree = store.tree("m");
        TestKeys keys = new TestKeys(random, PAGE);
        Transaction transaction = null;
        for (int i = 0; i < STEPS; i++) {
            boolean shrinks = i / PHASE % 2 == 1;
            if (i % 100 == 0) {
                store.maintainer.round();
            }
            byte[] key = keys.nextOf(random, 2000);
            byte[] value = new byte[random.nextInt(random.nextInt(10) == 0 ? Limits.maxValue(PAGE) : 80)];
            random.nextBytes(value);
            if (transaction == null && random.nextInt(10) == 0) {
                transaction = store.transactions.begin();
            } else if (transaction != null && random.nextInt(10) == 0) {
                end(store, transaction, random.nextBoolean());
                transaction = null;
            }
            try {
                WriteMode mode = random.nextInt(8) < (shrinks ? 7 : 2) ? WriteMode.DELETE : WriteMode.PUT;
                store.write(tree, mode, random.nextBoolean() ? transaction : null, key, value, value);
            } catch (Call.Locked | Call.Conflict lost) {
                // The entry stays as it is.
            }
        }
        if (transaction != null) {
            end(store, transaction, false);
        }
        store.tidy();
        assertTrue(store.maintainer.merges() > 0, "pages were merged");
        store.relocate(tree, store.engine.pages().sealTail());
    }

    private static void end(TestStore store, Transaction transaction, boolean commit) {
        if (commit) {
            store.commit(transaction);
        } else {
            store.rollback(transaction);
        }
    }

    private static Map<Long, byte[]> pages(TestStore store) {
        Map<Long, byte[]> pages = new TreeMap<>();
        for (long pageId = 0; pageId < store.data.pageCount(); pageId++) {
            int frame = store.pool.pin(pageId);
            byte[] bytes = new byte[PAGE];
            Memory.copyToArray(store.pool.address(frame), bytes, 0, PAGE);
            store.pool.unpinFrame(frame);
            pages.put(pageId, bytes);
        }
        return pages;
    }

    private static void redo(LoggedRecord logged, RecordHandlers handlers, Map<Long, Long> rebuilt) {
        if (!logged.changesPages()) {
            return;
        }
        while (logged.nextChange()) {
            long page = rebuilt.computeIfAbsent(logged.changePage(), RedoTest::emptyStorePage);
            handlers.of(logged.changeOperation())
                    .redo(
                            logged.changeOperation(),
                            page,
                            PAGE,
                            logged.stamp(),
                            logged.changeBody(),
                            logged.changeLength());
            PageLayout.pageLsn(page, logged.lsn());
        }
    }

    private static long emptyStorePage(long pageId) {
        long page = Memory.allocateZeroed(PAGE);
        if (pageId == StoreCreation.CATALOGUE_ROOT) {
            Catalogue.format(page, PAGE, pageId);
        } else if (pageId == 1) {
            PageLayout.kind(page, PageLayout.KIND_SPACE_MAP);
            Memory.putByte(page + PageLayout.BODY, (byte) 0b111);
        }
        return page;
    }

    private static void compare(long pageId, long rebuilt, byte[] expected) {
        byte[] found = new byte[PAGE];
        Memory.copyToArray(rebuilt, found, 0, PAGE);
        for (int i = PageLayout.KIND; i < PAGE; i++) {
            // The page id belongs to the pool.
            if (i < PageLayout.PAGE_ID || i >= PageLayout.TREE_ID) {
                assertEquals(expected[i], found[i], "page " + pageId + " byte " + i);
            }
        }
    }
}
