package io.millrace.btree;

import io.millrace.buffer.BufferPool;
import io.millrace.buffer.BufferPoolOptions;
import io.millrace.buffer.DataFile;
import io.millrace.buffer.DoubleWriteArea;
import io.millrace.buffer.WriteAheadBarrier;
import io.millrace.buffer.WriteFailures;
import io.millrace.common.EngineThreads;
import io.millrace.common.Memory;
import io.millrace.recovery.StoreCreation;
import io.millrace.testkit.SimulatedDirectory;
import io.millrace.txn.Engine;
import io.millrace.txn.MissTickets;
import io.millrace.txn.OperationContext;
import io.millrace.txn.OperationCounters;
import io.millrace.txn.PageAllocator;
import io.millrace.txn.ReadView;
import io.millrace.txn.RecordHandlers;
import io.millrace.txn.SnapshotRegistry;
import io.millrace.txn.SpaceMap;
import io.millrace.txn.Step;
import io.millrace.txn.Transaction;
import io.millrace.txn.TransactionTable;
import io.millrace.txn.Transactions;
import io.millrace.txn.ValueMemory;
import io.millrace.txn.VersionLog;
import io.millrace.txn.VersionPurger;
import io.millrace.txn.VersionStore;
import io.millrace.txn.Workers;
import io.millrace.txn.Workspace;
import io.millrace.txn.WorkspacePool;
import io.millrace.wal.Wal;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;

/** A whole engine without the reactive API: real pool, log, transactions and trees over a simulated disk. Calls block. */
final class TestStore implements AutoCloseable {
    static final long STORE_ID = 0x5EED;

    final SimulatedDirectory directory = new SimulatedDirectory(1);
    final AtomicReference<Throwable> failure = new AtomicReference<>();
    final DataFile data;
    final DoubleWriteArea doubleWrite;
    final Wal wal;
    final BufferPool pool;
    final Engine engine;
    final Transactions transactions;
    final OperationContext context;
    final BTree trees;
    final Catalogue catalogue;
    final TreeUndo undo;
    /** Runs when a test says so: see {@link #tidy}, or started. */
    final TreeMaintainer maintainer;

    private final VersionPurger purger;
    private final VersionLog versionLog;

    TestStore(int pageSize, int frames) throws Exception {
        WriteFailures failures = new WriteFailures(failure::set);
        StoreCreation.create(directory, STORE_ID, pageSize, failures, Catalogue::format);
        data = DataFile.open(directory, pageSize, failures, EngineThreads.SYSTEM);
        doubleWrite = DoubleWriteArea.open(directory, STORE_ID, pageSize, failures, EngineThreads.SYSTEM);
        Workers workers = new Workers("worker", 2, EngineThreads.SYSTEM);
        wal = TestLog.start(directory, pageSize, STORE_ID, workers, failure::set);
        BufferPoolOptions options = new BufferPoolOptions((long) frames * pageSize, pageSize, 8, 2, 1);
        pool = BufferPool.open(options, data, doubleWrite, barrier(), () -> Long.MAX_VALUE);
        VersionStore versions = new VersionStore(64 << 20, 1 << 12);
        TransactionTable table = new TransactionTable(1 << 12);
        SnapshotRegistry snapshots = new SnapshotRegistry(256, wal::durableLsn, versions, EngineThreads.SYSTEM);
        PageAllocator pages = new PageAllocator(pool, data, EngineThreads.SYSTEM);
        engine = new Engine(pool, wal, table, snapshots, versions, pages, workers, EngineThreads.SYSTEM);
        pages.open();
        purger = new VersionPurger(versions, snapshots, table, Long.MAX_VALUE, EngineThreads.SYSTEM);
        purger.start();
        transactions = new Transactions(engine, 1, 256);
        RecordHandlers handlers = new RecordHandlers(List.of(new SpaceMap(), new TreeRecordHandler()));
        versionLog = new VersionLog(wal, handlers, EngineThreads.SYSTEM);
        context = new OperationContext(
                engine,
                new WorkspacePool(engine, handlers, 64),
                transactions,
                versionLog,
                new MissTickets(Math.max(1, frames / 8)),
                new OperationCounters(),
                new ValueMemory(1 << 20));
        trees = new BTree(engine);
        catalogue = new Catalogue(trees);
        purger.longValues(catalogue.reclaimer());
        undo = new TreeUndo(trees, catalogue);
        run(catalogue::load, workspace -> null);
        maintainer = new TreeMaintainer(context, trees, catalogue, null);
    }

    private WriteAheadBarrier barrier() {
        return new WriteAheadBarrier() {
            @Override
            public long durableLsn() {
                return wal.durableLsn();
            }

            @Override
            public void awaitDurable(long lsn) {
                wal.awaitDurable(lsn);
            }
        };
    }

    /** Runs a step to its end, whatever it has to wait for. */
    <T> T run(Function<Workspace, Step> step, Function<Workspace, T> result) {
        return new Call<>(context, step, result).await();
    }

    TreeRef tree(String name) {
        run(workspace -> catalogue.create(workspace, name), workspace -> null);
        return catalogue.find(name);
    }

    /** What a write did. */
    record Written(long lsn, boolean found, long stamp, long awaitLsn) {}

    Written write(TreeRef tree, WriteMode mode, Transaction transaction, byte[] key, byte[] value, byte[] expected) {
        return run(
                workspace -> {
                    workspace.key(key, 0, key.length);
                    workspace.value(value, 0, value.length);
                    workspace.expected(expected, 0, expected.length);
                    return trees.write(workspace, tree, mode, transaction, null);
                },
                TestStore::written);
    }

    Written cas(TreeRef tree, WriteMode mode, byte[] key, byte[] value, long expectedStamp) {
        return run(
                workspace -> {
                    workspace.key(key, 0, key.length);
                    workspace.value(value, 0, value.length);
                    workspace.expectedStamp = expectedStamp;
                    return trees.write(workspace, tree, mode, null, null);
                },
                TestStore::written);
    }

    private static Written written(Workspace workspace) {
        return new Written(workspace.writtenLsn, workspace.found, workspace.resultStamp, workspace.awaitLsn);
    }

    Written put(TreeRef tree, byte[] key, byte[] value) {
        return write(tree, WriteMode.PUT, null, key, value, value);
    }

    Written delete(TreeRef tree, byte[] key) {
        return write(tree, WriteMode.DELETE, null, key, new byte[0], new byte[0]);
    }

    /** What a read found; the value is null if there is none. */
    static final class Read {
        private final byte[] value;
        private final long stamp;
        private final long awaitLsn;

        Read(byte[] value, long stamp, long awaitLsn) {
            this.value = value;
            this.stamp = stamp;
            this.awaitLsn = awaitLsn;
        }

        byte[] value() {
            return value;
        }

        long stamp() {
            return stamp;
        }

        long awaitLsn() {
            return awaitLsn;
        }
    }

    Read get(TreeRef tree, byte[] key, ReadView view) {
        return run(
                workspace -> {
                    workspace.key(key, 0, key.length);
                    return trees.get(workspace, tree, view);
                },
                workspace -> {
                    byte[] value = null;
                    if (workspace.found) {
                        value = new byte[workspace.resultLength];
                        Memory.copyToArray(workspace.resultAddress, value, 0, value.length);
                    }
                    return new Read(value, workspace.resultStamp, workspace.awaitLsn);
                });
    }

    /** A view of everything committed, durable or not. */
    ReadView newest() {
        return new ReadView(engine.transactions()).at(ReadView.NEWEST_COMMITTED, 0, false);
    }

    /** Scans to the end in steps of {@code batch} entries; checks that the order is right. */
    TreeMap<byte[], byte[]> scan(TreeRef tree, ScanCursor cursor, ReadView view, int batch) {
        TreeMap<byte[], byte[]> entries = new TreeMap<>(java.util.Arrays::compareUnsigned);
        EntrySink sink = (key, keyLength, value, valueLength) -> {
            byte[] keyBytes = new byte[keyLength];
            Memory.copyToArray(key, keyBytes, 0, keyLength);
            byte[] valueBytes = new byte[valueLength];
            Memory.copyToArray(value, valueBytes, 0, valueLength);
            Map.Entry<byte[], byte[]> before = cursor.reverse() ? entries.firstEntry() : entries.lastEntry();
            if (before != null && java.util.Arrays.compareUnsigned(before.getKey(), keyBytes) < 0 == cursor.reverse()) {
                throw new AssertionError("out of order");
            }
            if (entries.put(keyBytes, valueBytes) != null) {
                throw new AssertionError("key delivered twice");
            }
        };
        while (!cursor.exhausted()) {
            run(workspace -> trees.scan(workspace, tree, cursor, view, sink, batch), workspace -> null);
        }
        return entries;
    }

    static ScanCursor all(boolean reverse) {
        return new ScanCursor(null, false, null, false, reverse);
    }

    /** A registered snapshot; release the slot. */
    ReadView snapshot(int slot) {
        return new ReadView(engine.transactions()).at(engine.snapshots().lsn(slot), 0, true);
    }

    void commit(Transaction transaction) {
        run(workspace -> transactions.commit(workspace, transaction, null, false), workspace -> null);
    }

    void rollback(Transaction transaction) {
        Call.rollback(context, transaction, undo);
    }

    void awaitDurable(long lsn) {
        wal.awaitDurable(lsn);
    }

    /** Waits until everything written is seen by every snapshot to come, and has the maintainer do all there is to do then. */
    void tidy() {
        long end = wal.claimedLsn();
        awaitDurable(end);
        while (engine.snapshots().lowWatermark() < end && engine.snapshots().open() == 0) {
            Thread.onSpinWait();
        }
        while (maintainer.round()) {
            Thread.onSpinWait();
        }
    }

    /** Moves all that the tree has in the sealed tail; answers how many pages. */
    int relocate(TreeRef tree, long tail) {
        Relocation relocation = new Relocation(engine, trees.restructuring());
        KeyWalk walk = new KeyWalk();
        int moved = 0;
        while (!walk.hasEnded()) {
            AtomicReference<Relocation.Outcome> outcome = new AtomicReference<>();
            Errand.run(context, workspace -> relocation.move(workspace, tree, walk, tail, outcome::set));
            if (outcome.get() == Relocation.Outcome.NO_ROOM) {
                throw new AssertionError("no room before page " + tail);
            }
            moved += outcome.get() == Relocation.Outcome.MOVED ? 1 : 0;
        }
        return moved;
    }

    @Override
    public void close() throws IOException {
        maintainer.close();
        engine.pages().close();
        versionLog.close();
        purger.close();
        pool.close();
        wal.close();
        engine.workers().close();
        doubleWrite.close();
        data.close();
        if (failure.get() != null) {
            throw new AssertionError("the store was poisoned", failure.get());
        }
    }
}
