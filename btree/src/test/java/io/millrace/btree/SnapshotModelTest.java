package io.millrace.btree;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.millrace.testkit.Seeds;
import io.millrace.txn.ReadView;
import io.millrace.txn.Transaction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Transactions, single operations, rollbacks and snapshots in random order on one thread, against copies of a map: every snapshot stays what it
 * was, every transaction sees its snapshot and its own writes, and the first committer wins.
 */
class SnapshotModelTest {
    private static final int PAGE = 4096;
    private static final int STEPS = 6000;
    private static final int KEYS = 250;
    private static final byte[] NOTHING = {};

    private record Snapshot(int slot, ReadView view, TreeMap<byte[], byte[]> content) {}

    private record Open(Transaction transaction, TreeMap<byte[], byte[]> content, TreeMap<byte[], byte[]> writes) {}

    /** A run of the test: the store, and what should be in it. */
    private static final class Run {
        final TestStore store;
        final TreeRef tree;
        final Random random;
        final TestKeys keys;
        final TreeMap<byte[], byte[]> committed = map();
        final TreeMap<byte[], Long> lastCommit = new TreeMap<>(Arrays::compareUnsigned);
        final List<Snapshot> snapshots = new ArrayList<>();
        final List<Open> open = new ArrayList<>();
        long lastLsn;

        Run(TestStore store, Random random) {
            this.store = store;
            this.random = random;
            tree = store.tree("m");
            keys = new TestKeys(random, PAGE);
        }

        byte[] key() {
            return keys.nextOf(random, KEYS);
        }

        byte[] value() {
            byte[] value =
                    new byte[random.nextInt(8) == 0 ? random.nextInt(Limits.maxValue(PAGE) + 1) : random.nextInt(50)];
            random.nextBytes(value);
            return value;
        }

        Open holder(byte[] key) {
            return open.stream()
                    .filter(other -> other.writes.containsKey(key))
                    .findFirst()
                    .orElse(null);
        }

        void step() {
            switch (random.nextInt(20)) {
                case 0 -> begin();
                case 1 -> end(true);
                case 2 -> end(false);
                case 3 -> takeSnapshot();
                case 4 -> releaseSnapshot();
                case 5 -> checkSnapshot();
                case 6 -> checkTransaction();
                case 7 -> store.maintainer.round();
                case 8, 9, 10, 11 -> single();
                default -> write();
            }
        }

        void begin() {
            if (open.size() < 4) {
                store.awaitDurable(lastLsn);
                open.add(new Open(store.transactions.begin(), copy(committed), map()));
            }
        }

        void end(boolean commit) {
            if (open.isEmpty()) {
                return;
            }
            Open ended = open.remove(random.nextInt(open.size()));
            if (!commit) {
                store.rollback(ended.transaction);
                return;
            }
            lastLsn = Math.max(
                    lastLsn,
                    store.run(
                            workspace -> store.transactions.commit(workspace, ended.transaction, null, false),
                            workspace -> workspace.writtenLsn));
            for (Map.Entry<byte[], byte[]> write : ended.writes.entrySet()) {
                set(committed, write.getKey(), write.getValue());
                lastCommit.put(write.getKey(), lastLsn);
            }
        }

        void single() {
            byte[] key = key();
            boolean delete = random.nextInt(3) == 0;
            byte[] value = delete ? null : value();
            if (holder(key) != null) {
                assertThrows(Call.Locked.class, () -> put(null, key, value));
                return;
            }
            TestStore.Written written = put(null, key, value);
            assertEquals(committed.containsKey(key), written.found());
            if (written.lsn() != 0) {
                lastLsn = written.lsn();
                lastCommit.put(key, lastLsn);
            }
            set(committed, key, value);
        }

        void write() {
            if (open.isEmpty()) {
                return;
            }
            Open by = open.get(random.nextInt(open.size()));
            byte[] key = key();
            boolean delete = random.nextInt(3) == 0;
            byte[] value = delete ? null : value();
            Open holder = holder(key);
            boolean there = by.content.containsKey(key);
            boolean nothing = delete && !there;
            boolean late = lastCommit.getOrDefault(key, 0L) > by.transaction.snapshotLsn();
            if (!nothing && holder != null && holder.transaction.id() != by.transaction.id()) {
                assertThrows(Call.Locked.class, () -> put(by.transaction, key, value));
            } else if (!nothing && holder == null && late) {
                assertThrows(Call.Conflict.class, () -> put(by.transaction, key, value));
            } else {
                TestStore.Written written = put(by.transaction, key, value);
                assertEquals(there, written.found());
                assertEquals(nothing, written.lsn() == 0);
                if (!nothing) {
                    set(by.content, key, value);
                    by.writes.put(key, value);
                }
            }
        }

        TestStore.Written put(Transaction by, byte[] key, byte[] value) {
            return value == null
                    ? store.write(tree, WriteMode.DELETE, by, key, NOTHING, NOTHING)
                    : store.write(tree, WriteMode.PUT, by, key, value, NOTHING);
        }

        void takeSnapshot() {
            if (snapshots.size() < 5) {
                store.awaitDurable(lastLsn);
                int slot = store.engine.snapshots().register();
                snapshots.add(new Snapshot(slot, store.snapshot(slot), copy(committed)));
            }
        }

        void releaseSnapshot() {
            if (!snapshots.isEmpty()) {
                Snapshot gone = snapshots.remove(random.nextInt(snapshots.size()));
                store.engine.snapshots().release(gone.slot);
            }
        }

        void checkSnapshot() {
            if (!snapshots.isEmpty()) {
                Snapshot snapshot = snapshots.get(random.nextInt(snapshots.size()));
                compare(snapshot.content, snapshot.view);
            }
        }

        void checkTransaction() {
            if (!open.isEmpty()) {
                Open one = open.get(random.nextInt(open.size()));
                compare(one.content, one.transaction.view());
            }
        }

        void compare(TreeMap<byte[], byte[]> expected, ReadView view) {
            boolean reverse = random.nextBoolean();
            TreeModelTest.same(expected, store.scan(tree, TestStore.all(reverse), view, 1 + random.nextInt(100)));
            for (int i = 0; i < 20; i++) {
                byte[] key = key();
                assertArrayEquals(expected.get(key), store.get(tree, key, view).value());
            }
        }

        void finish() {
            while (!open.isEmpty()) {
                end(random.nextBoolean());
            }
            snapshots.forEach(snapshot -> compare(snapshot.content, snapshot.view));
            compare(committed, store.newest());
            assertEquals(List.of(), TreeCheck.check(store.pool, tree).findings());
            assertEquals(committed.size(), TreeCheck.check(store.pool, tree).entries());
        }
    }

    @Test
    void everySnapshotStaysWhatItWas() {
        Seeds.forEach(4, (seed, random) -> {
            try (TestStore store = new TestStore(PAGE, 64)) {
                Run run = new Run(store, random);
                for (int i = 0; i < STEPS; i++) {
                    run.step();
                }
                run.finish();
            }
        });
    }

    private static TreeMap<byte[], byte[]> map() {
        return new TreeMap<>(Arrays::compareUnsigned);
    }

    private static TreeMap<byte[], byte[]> copy(TreeMap<byte[], byte[]> source) {
        TreeMap<byte[], byte[]> copy = map();
        copy.putAll(source);
        return copy;
    }

    private static void set(TreeMap<byte[], byte[]> target, byte[] key, byte[] value) {
        if (value == null) {
            target.remove(key);
        } else {
            target.put(key, value);
        }
    }
}
