package io.millrace;

import io.millrace.btree.BTree;
import io.millrace.btree.Catalogue;
import io.millrace.btree.LoadSpace;
import io.millrace.btree.TreeMaintainer;
import io.millrace.btree.TreeRecordHandler;
import io.millrace.btree.TreeUndo;
import io.millrace.buffer.BufferPool;
import io.millrace.buffer.BufferPoolOptions;
import io.millrace.buffer.DataFile;
import io.millrace.buffer.DoubleWriteArea;
import io.millrace.buffer.WriteAheadBarrier;
import io.millrace.buffer.WriteFailures;
import io.millrace.common.EngineThreads;
import io.millrace.error.InvalidConfigurationException;
import io.millrace.recovery.CheckpointTargets;
import io.millrace.recovery.Checkpointer;
import io.millrace.recovery.ControlFile;
import io.millrace.recovery.Restart;
import io.millrace.recovery.RestartPhase;
import io.millrace.recovery.StoreCreation;
import io.millrace.recovery.StoreFiles;
import io.millrace.storage.LocalDirectory;
import io.millrace.storage.StorageDirectory;
import io.millrace.storage.StorageLock;
import io.millrace.txn.Engine;
import io.millrace.txn.MiniTransaction;
import io.millrace.txn.MissTickets;
import io.millrace.txn.OperationContext;
import io.millrace.txn.OperationCounters;
import io.millrace.txn.PageAllocator;
import io.millrace.txn.RecordHandlers;
import io.millrace.txn.SnapshotRegistry;
import io.millrace.txn.SpaceMap;
import io.millrace.txn.TransactionTable;
import io.millrace.txn.Transactions;
import io.millrace.txn.ValueMemory;
import io.millrace.txn.VersionLog;
import io.millrace.txn.VersionPurger;
import io.millrace.txn.VersionStore;
import io.millrace.txn.Workers;
import io.millrace.txn.WorkspacePool;
import io.millrace.wal.LogKeeping;
import io.millrace.wal.LogStart;
import io.millrace.wal.LogSync;
import io.millrace.wal.SyncMode;
import io.millrace.wal.Wal;
import io.millrace.wal.WalListener;
import io.millrace.wal.WalOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;

/**
 * Puts the rooms of an open store together, restart included, and takes them apart again: the only place where the engine is wired. Blocking,
 * on an engine thread; whatever was opened before a failure is closed again.
 */
final class EngineAssembly {
    private static final int MISSES_PER_FRAMES = 8;
    private static final int WORKSPACES = 64;
    /** A compare-and-set has the value, the expected one and the one found. */
    private static final long MAX_VALUES_AT_ONCE = 3;

    private static final int BYTES_PER_BUCKET = 1 << 10;
    private static final int MAX_VERSION_BUCKETS = 1 << 16;

    private final StorageDirectory directory;
    private final Configuration configuration;
    private final EngineThreads threads;
    private final EngineEvents events;
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private final RecordHandlers handlers = new RecordHandlers(List.of(new SpaceMap(), new TreeRecordHandler()));
    private ControlFile control;
    private DataFile data;
    private DoubleWriteArea doubleWrite;
    private Workers workers;
    private Workers logReaders;
    private Wal wal;
    private BufferPool pool;
    private OperationContext context;
    private BTree trees;
    private Catalogue catalogue;
    private TreeUndo undo;
    private TreeMaintainer maintainer;
    private VersionPurger purger;
    private Checkpointer checkpointer;
    private Restart restart;
    private Duration restartTime;

    private EngineAssembly(
            StorageDirectory directory, Configuration configuration, EngineThreads threads, EngineEvents events) {
        this.directory = directory;
        this.configuration = configuration;
        this.threads = threads;
        this.events = events;
    }

    /** The same with the threads of the JVM. */
    static EngineAssembly open(StorageDirectory directory, Configuration configuration, EngineEvents events)
            throws IOException {
        return open(directory, configuration, EngineThreads.SYSTEM, events);
    }

    /**
     * Opens, creating or recovering, the store in {@code directory}, which it closes in the end.
     *
     * @param threads where the engine's threads, clocks and random numbers come from
     * @param events told how the restart goes on, and once, when nothing is written any more (L9)
     */
    static EngineAssembly open(
            StorageDirectory directory, Configuration configuration, EngineThreads threads, EngineEvents events)
            throws IOException {
        EngineAssembly assembly = new EngineAssembly(directory, configuration, threads, events);
        assembly.opened.push(directory);
        try {
            assembly.open();
            return assembly;
        } catch (IOException | RuntimeException | Error failure) {
            assembly.closeOpened(failure);
            throw failure;
        }
    }

    private void open() throws IOException {
        StorageLock lock = keep(directory.lock(StoreFiles.LOCK));
        if (lock == null) {
            throw new IllegalStateException("no lock");
        }
        WriteFailures failures = new WriteFailures(this::fail);
        if (!StoreFiles.isStore(directory)) {
            StoreCreation.create(
                    directory,
                    threads.random(),
                    configuration.count(Setting.BUFFER_POOL_PAGE_SIZE),
                    failures,
                    Catalogue::format);
        }
        deleteLeftOvers();
        control = keep(ControlFile.open(directory));
        int pageSize = pageSize();
        doubleWrite = keep(DoubleWriteArea.open(directory, control.current().storeId(), pageSize, failures, threads));
        data = keep(DataFile.open(directory, pageSize, failures, threads));
        StoreFiles.checkData(data, control.current());
        long began = threads.nanoTime();
        restart = new Restart(directory, control, doubleWrite, threads, events);
        restart.analyse();
        WalOptions walOptions = walOptions(pageSize);
        BufferPoolOptions poolOptions = poolOptions(pageSize);
        LogStart start = restart.seal(data);
        startLog(walOptions, start, failures);
        pool = keep(BufferPool.open(poolOptions, data, doubleWrite, new LogBarrier(wal), wal::claimedLsn));
        restart.redo(pool, handlers, threadCount(Setting.RECOVERY_THREADS, 1));
        openTransactions(start.incarnation());
        openTrees();
        restartTime = Duration.ofNanos(threads.nanoTime() - began);
        startCheckpoints();
        maintainer = keep(new TreeMaintainer(context, trees, catalogue, checkpointer));
        maintainer.start();
    }

    /** What loads were sorting when the process died. */
    private void deleteLeftOvers() throws IOException {
        for (String name : directory.list("")) {
            if (name.startsWith(LoadSpace.FILE_PREFIX)) {
                directory.delete(name);
            }
        }
    }

    private <T extends AutoCloseable> T keep(T resource) {
        opened.push(resource);
        return resource;
    }

    private void fail(Throwable cause) {
        if (wal != null) {
            wal.poison(cause);
        }
    }

    private int pageSize() {
        int pageSize = control.current().pageSize();
        if (configuration.isGiven(Setting.BUFFER_POOL_PAGE_SIZE)
                && configuration.count(Setting.BUFFER_POOL_PAGE_SIZE) != pageSize) {
            throw new InvalidConfigurationException(
                    Setting.BUFFER_POOL_PAGE_SIZE.key(),
                    configuration.text(Setting.BUFFER_POOL_PAGE_SIZE),
                    pageSize + "B, as the store was created",
                    null);
        }
        return pageSize;
    }

    private WalOptions walOptions(int pageSize) throws IOException {
        return new WalOptions(
                configuration.count(Setting.WAL_RING_SLOTS),
                configuration.count(Setting.WAL_SLOT_SIZE),
                configuration.number(Setting.WAL_SEGMENT_SIZE),
                MiniTransaction.capacity(pageSize),
                logSync(),
                logKeeping(),
                threads);
    }

    private LogKeeping logKeeping() throws IOException {
        String archive = configuration.text(Setting.WAL_ARCHIVE_DIRECTORY);
        return new LogKeeping(
                configuration.number(Setting.WAL_MAX_SIZE),
                configuration.number(Setting.WAL_RETAIN),
                archive.isEmpty() ? null : keep(LocalDirectory.open(Path.of(archive))));
    }

    private LogSync logSync() {
        String[] words = configuration.text(Setting.WAL_SYNC).split("[()]", -1);
        SyncMode mode = SyncMode.valueOf(words[0].toUpperCase(Locale.ROOT));
        long interval = words.length > 1 ? SettingType.DURATION.parse(words[1]) : 0;
        return new LogSync(mode, interval, configuration.number(Setting.WAL_MAX_DELAY));
    }

    private BufferPoolOptions poolOptions(int pageSize) {
        return new BufferPoolOptions(
                configuration.number(Setting.BUFFER_POOL_SIZE),
                pageSize,
                configuration.count(Setting.BUFFER_POOL_STRIPES),
                configuration.count(Setting.REACTIVE_IO_THREADS),
                configuration.count(Setting.BUFFER_POOL_CLEANERS),
                threads);
    }

    /** A number of threads; where the setting is 0, one for each core, but at least {@code min}. */
    private int threadCount(Setting setting, int min) {
        int count = configuration.count(setting);
        return count > 0 ? count : Math.max(min, Runtime.getRuntime().availableProcessors());
    }

    private void startLog(WalOptions options, LogStart start, WriteFailures failures) throws IOException {
        workers = keep(new Workers("worker", threadCount(Setting.REACTIVE_COMPLETION_THREADS, 2), threads));
        wal = keep(Wal.start(options, directory, start, workers, new LogEvents(failures)));
        logReaders = keep(new Workers("log-reader", 1, threads));
    }

    private void openTransactions(long incarnation) {
        long versionBytes = configuration.number(Setting.TRANSACTION_MAX_VERSION_MEMORY);
        long buckets = Math.min(MAX_VERSION_BUCKETS, Long.highestOneBit(versionBytes / BYTES_PER_BUCKET));
        VersionStore versions = new VersionStore(versionBytes, (int) buckets);
        TransactionTable table = new TransactionTable(configuration.count(Setting.TRANSACTION_TABLE_SIZE));
        SnapshotRegistry snapshots = new SnapshotRegistry(
                configuration.count(Setting.TRANSACTION_MAX_SNAPSHOTS), wal::visibleLsn, versions, threads);
        PageAllocator pages = new PageAllocator(pool, data, threads);
        Engine engine = new Engine(pool, wal, table, snapshots, versions, pages, workers, threads);
        pages.open();
        keep(pages);
        purger = new VersionPurger(
                versions,
                snapshots,
                table,
                configuration.duration(Setting.TRANSACTION_MAX_SNAPSHOT_AGE).toNanos(),
                threads);
        purger.start();
        keep(purger);
        VersionLog versionLog = keep(new VersionLog(wal, handlers, threads));
        context = new OperationContext(
                engine,
                new WorkspacePool(engine, handlers, WORKSPACES),
                new Transactions(engine, incarnation, configuration.count(Setting.TRANSACTION_MAX_OPEN)),
                versionLog,
                new MissTickets(Math.max(1, pool.frameCount() / MISSES_PER_FRAMES)),
                new OperationCounters(),
                new ValueMemory(valueMemory()));
    }

    private long valueMemory() {
        long bytes = configuration.number(Setting.TRANSACTION_MAX_VALUE_MEMORY);
        long least = MAX_VALUES_AT_ONCE * configuration.number(Setting.TRANSACTION_MAX_VALUE_SIZE);
        if (bytes < least) {
            throw new InvalidConfigurationException(
                    Setting.TRANSACTION_MAX_VALUE_MEMORY.key(),
                    configuration.text(Setting.TRANSACTION_MAX_VALUE_MEMORY),
                    "at least " + least + "B, " + MAX_VALUES_AT_ONCE + " times "
                            + Setting.TRANSACTION_MAX_VALUE_SIZE.key(),
                    null);
        }
        return bytes;
    }

    private void openTrees() throws IOException {
        trees = new BTree(context.engine());
        catalogue = new Catalogue(trees);
        purger.longValues(catalogue.reclaimer());
        undo = new TreeUndo(trees, catalogue);
        new BlockingStep(context, catalogue::load).await();
        restart.undo(context, undo);
        // No checkpoint may forget a loser before the end of its rollback is durable.
        wal.awaitDurable(wal.claimedLsn());
        keep(catalogue.reclaimer()).start(context);
    }

    private void startCheckpoints() throws IOException {
        checkpointer = new Checkpointer(
                pool,
                wal,
                doubleWrite,
                context.transactions(),
                control,
                new CheckpointTargets(
                        configuration.duration(Setting.CHECKPOINT_INTERVAL).toNanos(),
                        configuration.number(Setting.CHECKPOINT_LOG_BYTES),
                        configuration
                                .duration(Setting.CHECKPOINT_TARGET_RECOVERY_TIME)
                                .toNanos()),
                restart);
        checkpointer.start();
        keep(checkpointer);
        // So that a next restart does not repeat this one's work. Nobody waits for it.
        checkpointer.requestInBackground();
    }

    StorageDirectory directory() {
        return directory;
    }

    OperationContext context() {
        return context;
    }

    BTree trees() {
        return trees;
    }

    Catalogue catalogue() {
        return catalogue;
    }

    TreeUndo undo() {
        return undo;
    }

    Workers workers() {
        return workers;
    }

    /** Who reads the log for others than restart. */
    Workers logReaders() {
        return logReaders;
    }

    long storeId() {
        return control.current().storeId();
    }

    long openedLsn() {
        return restart.endLsn();
    }

    Wal wal() {
        return wal;
    }

    BufferPool pool() {
        return pool;
    }

    DataFile data() {
        return data;
    }

    TreeMaintainer maintainer() {
        return maintainer;
    }

    Checkpointer checkpointer() {
        return checkpointer;
    }

    /** What opening had to do. */
    RecoveryReport report(boolean created) {
        return new RecoveryReport(
                created,
                restart.wasClosed(),
                restart.scanStartLsn(),
                restart.restartLsn(),
                restart.endLsn(),
                restart.recordsRead(),
                restart.bytesRead(),
                restart.bytesRedone(),
                restart.changesRedone(),
                restart.losers(),
                restart.changesUndone(),
                restart.pagesRestored(),
                restart.damagedPages(),
                Duration.ofNanos(restart.nanos(RestartPhase.ANALYSIS)),
                Duration.ofNanos(restart.nanos(RestartPhase.REPAIR)),
                Duration.ofNanos(restart.nanos(RestartPhase.REDO)),
                Duration.ofNanos(restart.nanos(RestartPhase.UNDO)),
                restartTime);
    }

    /** Flushes, notes the clean end, and closes everything. No operation runs any more. A poisoned store is only taken apart. */
    void close() throws IOException {
        Throwable failure = null;
        try {
            catalogue.reclaimer().close();
            maintainer.close();
            checkpointer.close();
            context.engine().pages().close();
            if (!wal.isPoisoned()) {
                endCleanly();
            }
        } catch (IOException | RuntimeException thrown) {
            failure = thrown;
        }
        closeOpened(failure);
        if (failure instanceof IOException) {
            throw (IOException) failure;
        }
        if (failure instanceof RuntimeException) {
            throw (RuntimeException) failure;
        }
    }

    private void endCleanly() throws IOException {
        // Relaxed commits too, whatever else keeps the end from being clean.
        wal.awaitDurable(wal.claimedLsn());
        if (context.transactions().unfinished() == 0) {
            pool.flushAll();
            checkpointer.close(wal.durableLsn());
        }
    }

    private void closeOpened(Throwable failure) {
        while (!opened.isEmpty()) {
            try {
                opened.pop().close();
            } catch (Exception thrown) {
                if (failure != null) {
                    failure.addSuppressed(thrown);
                }
            }
        }
    }

    /** The log as the page cleaners see it. */
    private record LogBarrier(Wal wal) implements WriteAheadBarrier {
        @Override
        public long durableLsn() {
            return wal.durableLsn();
        }

        @Override
        public void awaitDurable(long lsn) {
            wal.awaitDurable(lsn);
        }
    }

    /** What the log tells the store. */
    private final class LogEvents implements WalListener {
        private final WriteFailures failures;

        LogEvents(WriteFailures failures) {
            this.failures = failures;
        }

        @Override
        public void batchDurable(Runnable batch) {
            workers.execute(batch);
        }

        @Override
        public void poisoned(Throwable cause) {
            failures.fail(cause);
            events.poisoned(cause);
        }
    }
}
