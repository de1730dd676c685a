package io.millrace.btree;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.common.Memory;
import io.millrace.testkit.Keys;
import io.millrace.txn.ReadView;
import io.millrace.txn.Transaction;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Writers, readers and scanners at once, in a pool smaller than the tree. */
class ConcurrentTreeTest {
    private static final int PAGE = 4096;
    private static final int ACCOUNTS = 200;
    private static final int STRIDE = 50;
    private static final long START = 1000;
    private static final int TRANSFERS = Boolean.getBoolean("millrace.stress") ? 50_000 : 1500;
    private static final int MAX_NOISE_VALUE = 300;

    private static final int NOISE_PHASE = 1000;

    private static byte[] account(int number) {
        return Keys.sequential((long) number * STRIDE);
    }

    private static byte[] number(long value) {
        byte[] bytes = new byte[Long.BYTES];
        for (int i = 0; i < Long.BYTES; i++) {
            bytes[i] = (byte) (value >>> Byte.SIZE * i);
        }
        return bytes;
    }

    private static long number(byte[] bytes) {
        long value = 0;
        for (int i = 0; i < Long.BYTES; i++) {
            value |= (bytes[i] & 0xFFL) << Byte.SIZE * i;
        }
        return value;
    }

    /** Transfers between accounts keep the total; other keys come and go between the accounts, so that pages split, are purged and merged. */
    @Test
    void everySnapshotHoldsTheSameTotal() throws Exception {
        try (TestStore store = new TestStore(PAGE, 64)) {
            TreeRef tree = store.tree("accounts");
            for (int i = 0; i < ACCOUNTS; i++) {
                store.awaitDurable(store.put(tree, account(i), number(START)).lsn());
            }
            store.maintainer.start();
            AtomicBoolean stop = new AtomicBoolean();
            List<Callable<Void>> writers = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                Random random = new Random(i);
                writers.add(() -> transfers(store, tree, random));
            }
            List<Callable<Void>> others = List.of(
                    () -> noise(store, tree, new Random(7), stop),
                    () -> scans(store, tree, stop, false),
                    () -> scans(store, tree, stop, true),
                    () -> reads(store, tree, new Random(8), stop));
            runAll(writers, others, stop);
            store.maintainer.suspend();
            assertEquals(List.of(), TreeCheck.check(store.pool, tree).findings());
            store.awaitDurable(store.put(tree, account(ACCOUNTS), number(0)).lsn());
            assertEquals(ACCOUNTS * START, total(store, tree, false, store.newest()));
            store.maintainer.resume();
        }
    }

    private static void runAll(List<Callable<Void>> writers, List<Callable<Void>> others, AtomicBoolean stop)
            throws Exception {
        ExecutorService threads = Executors.newCachedThreadPool();
        List<Future<Void>> background = new ArrayList<>();
        for (Callable<Void> other : others) {
            background.add(threads.submit(other));
        }
        try {
            for (Future<Void> writer : threads.invokeAll(writers)) {
                writer.get();
            }
        } finally {
            stop.set(true);
            for (Future<Void> other : background) {
                other.get();
            }
            threads.shutdown();
        }
    }

    private static Void transfers(TestStore store, TreeRef tree, Random random) {
        for (int done = 0; done < TRANSFERS; ) {
            int from = random.nextInt(ACCOUNTS);
            int to = (from + 1 + random.nextInt(ACCOUNTS - 1)) % ACCOUNTS;
            Transaction transaction = store.transactions.begin();
            boolean moved = false;
            try {
                long amount = random.nextInt(10);
                move(store, tree, transaction, from, -amount);
                move(store, tree, transaction, to, amount);
                moved = random.nextInt(10) != 0;
            } catch (Call.Conflict | Call.Locked lost) {
                // Rolled back below.
            }
            if (moved) {
                store.commit(transaction);
                done++;
            } else {
                store.rollback(transaction);
            }
        }
        return null;
    }

    private static void move(TestStore store, TreeRef tree, Transaction transaction, int account, long amount) {
        byte[] key = account(account);
        byte[] value = store.get(tree, key, transaction.view()).value();
        assertNotNull(value);
        store.write(tree, WriteMode.PUT, transaction, key, number(number(value) + amount), value);
    }

    private static Void noise(TestStore store, TreeRef tree, Random random, AtomicBoolean stop) {
        for (int i = 0; !stop.get(); i++) {
            int number = random.nextInt(ACCOUNTS) * STRIDE + 1 + random.nextInt(STRIDE - 1);
            byte[] key = Keys.sequential(number);
            boolean shrinks = i / NOISE_PHASE % 2 == 1;
            if (random.nextInt(8) < (shrinks ? 7 : 2)) {
                store.delete(tree, key);
            } else {
                // No value of an account's length.
                store.put(tree, key, new byte[Long.BYTES + 1 + random.nextInt(MAX_NOISE_VALUE)]);
            }
        }
        return null;
    }

    private static Void scans(TestStore store, TreeRef tree, AtomicBoolean stop, boolean reverse) {
        while (!stop.get()) {
            int slot = store.engine.snapshots().register();
            ReadView view = store.snapshot(slot);
            assertEquals(ACCOUNTS * START, total(store, tree, reverse, view));
            store.engine.snapshots().release(slot);
        }
        return null;
    }

    private static long total(TestStore store, TreeRef tree, boolean reverse, ReadView view) {
        AtomicLong total = new AtomicLong();
        EntrySink sink = (key, keyLength, value, valueLength) -> {
            if (valueLength == Long.BYTES) {
                total.addAndGet(Memory.getLong(value));
            }
        };
        ScanCursor cursor = TestStore.all(reverse);
        while (!cursor.exhausted()) {
            store.run(workspace -> store.trees.scan(workspace, tree, cursor, view, sink, 1000), workspace -> null);
        }
        return total.get();
    }

    private static Void reads(TestStore store, TreeRef tree, Random random, AtomicBoolean stop) {
        while (!stop.get()) {
            int slot = store.engine.snapshots().register();
            ReadView view = store.snapshot(slot);
            for (int i = 0; i < 10; i++) {
                byte[] key = account(random.nextInt(ACCOUNTS));
                byte[] first = store.get(tree, key, view).value();
                assertNotNull(first);
                assertEquals(number(first), number(store.get(tree, key, view).value()));
            }
            store.engine.snapshots().release(slot);
        }
        return null;
    }

    /** Counters by compare-and-set: no increment is lost. */
    @Test
    void noIncrementIsLost() throws Exception {
        try (TestStore store = new TestStore(PAGE, 64)) {
            TreeRef tree = store.tree("counters");
            int threads = 4;
            int each = 1000;
            List<Callable<Void>> writers = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                Random random = new Random(i);
                writers.add(() -> {
                    for (int n = 0; n < each; n++) {
                        increment(store, tree, Keys.sequential(random.nextInt(3)));
                    }
                    return null;
                });
            }
            runAll(writers, List.of(), new AtomicBoolean());
            assertEquals((long) threads * each, total(store, tree, false, store.newest()));
        }
    }

    private static void increment(TestStore store, TreeRef tree, byte[] key) {
        while (true) {
            TestStore.Read read = store.get(tree, key, store.newest());
            byte[] next = number(read.value() == null ? 1 : number(read.value()) + 1);
            long expected = read.value() == null ? 0 : read.stamp();
            if (store.cas(tree, WriteMode.CAS_STAMP, key, next, expected).lsn() != 0) {
                return;
            }
        }
    }

    /** Many threads fill disjoint ranges of one tree; nothing is missing afterwards. */
    @Test
    void concurrentSplitsLoseNothing() throws Exception {
        try (TestStore store = new TestStore(PAGE, 128)) {
            TreeRef tree = store.tree("m");
            int threads = 4;
            int each = 3000;
            List<Callable<Void>> writers = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                int offset = i;
                writers.add(() -> {
                    for (int n = 0; n < each; n++) {
                        store.put(tree, Keys.sequential((long) n * threads + offset), new byte[40]);
                    }
                    return null;
                });
            }
            runAll(writers, List.of(), new AtomicBoolean());
            TreeReport report = TreeCheck.check(store.pool, tree);
            assertEquals(List.of(), report.findings());
            assertEquals((long) threads * each, report.entries());
            assertTrue(report.height() >= 2);
        }
    }
}
