package io.millrace;

import io.millrace.btree.BTree;
import io.millrace.btree.Catalogue;
import io.millrace.btree.Limits;
import io.millrace.btree.LoadSpace;
import io.millrace.buffer.BufferPoolStats;
import io.millrace.common.EngineThreads;
import io.millrace.error.StoreClosedException;
import io.millrace.txn.Engine;
import io.millrace.txn.OperationContext;
import io.millrace.txn.TransactionTable;
import io.millrace.txn.UndoHandler;
import io.millrace.txn.ValueMemory;
import io.millrace.txn.Workers;
import io.millrace.wal.Wal;
import io.millrace.wal.WalStats;
import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;

/** The open engine as publishers need it: rooms, gate, timer, and the settings that concern them. Immutable; any thread. */
final class StoreEngine {
    private final EngineAssembly assembly;
    private final String path;
    private final OperationGate gate = new OperationGate();
    private final OpenWork.Registry openWork = new OpenWork.Registry(gate);
    private final Timer timer;
    private final TransactionRunner runner = new TransactionRunner(this);
    private final ContentionLines lines;
    private final Scope outside;
    private final int pageSize;
    private final int maxValue;
    private final long maxValueMemory;
    private final long sortMemory;
    private final long sortDisk;
    private final AtomicLong loads = new AtomicLong();
    private final int prefetch;
    private final int transactionRetries;
    private final long maxResults;
    private final Duration lockTimeout;
    private final Duration transactionTimeout;
    private final Isolation isolation;
    private final long maxReadSet;
    private final CommitSection commitSection;
    private final Configuration configuration;
    private final ChangeStreams changeStreams;

    StoreEngine(EngineAssembly assembly, Configuration configuration, String path) {
        this.assembly = assembly;
        this.path = path;
        this.configuration = configuration;
        timer = new Timer(threads());
        lines = new ContentionLines(assembly.workers());
        outside = new OutsideScope(assembly.wal());
        pageSize = assembly.pool().pageSize();
        maxValue = configuration.count(Setting.TRANSACTION_MAX_VALUE_SIZE);
        maxValueMemory = configuration.number(Setting.TRANSACTION_MAX_VALUE_MEMORY);
        sortMemory = configuration.number(Setting.LOAD_SORT_MEMORY);
        sortDisk = configuration.number(Setting.LOAD_SORT_DISK);
        prefetch = configuration.count(Setting.REACTIVE_PREFETCH);
        transactionRetries = configuration.count(Setting.TRANSACTION_RETRIES);
        maxResults = configuration.number(Setting.TRANSACTION_MAX_RESULTS);
        lockTimeout = configuration.duration(Setting.TRANSACTION_LOCK_TIMEOUT);
        transactionTimeout = configuration.duration(Setting.TRANSACTION_TIMEOUT);
        isolation = Isolation.valueOf(configuration
                .text(Setting.TRANSACTION_ISOLATION)
                .toUpperCase(Locale.ROOT)
                .replace('-', '_'));
        maxReadSet = configuration.number(Setting.TRANSACTION_MAX_READ_SET);
        commitSection = new CommitSection(assembly.workers());
        changeStreams = new ChangeStreams(
                assembly.wal(), assembly.logReaders(), configuration.count(Setting.CHANGES_MAX_STREAMS));
    }

    OperationContext context() {
        return assembly.context();
    }

    EngineThreads threads() {
        return assembly.context().engine().threads();
    }

    Workers workers() {
        return assembly.workers();
    }

    Wal wal() {
        return assembly.wal();
    }

    BTree trees() {
        return assembly.trees();
    }

    Catalogue catalogue() {
        return assembly.catalogue();
    }

    UndoHandler undo() {
        return assembly.undo();
    }

    EngineAssembly assembly() {
        return assembly;
    }

    OperationGate gate() {
        return gate;
    }

    OpenWork.Registry openWork() {
        return openWork;
    }

    Timer timer() {
        return timer;
    }

    TransactionRunner runner() {
        return runner;
    }

    ContentionLines lines() {
        return lines;
    }

    Scope outside() {
        return outside;
    }

    /** Where operations in {@code snapshot} run. */
    Scope scopeOf(Snapshot snapshot) {
        if (snapshot instanceof StoreTransaction transaction && transaction.store() == this) {
            return transaction;
        }
        if (snapshot instanceof StoreSnapshot taken && taken.store() == this) {
            return taken;
        }
        return new InvalidScope(snapshot);
    }

    int pageSize() {
        return pageSize;
    }

    int maxKey() {
        return Limits.maxKey(pageSize);
    }

    /** Longest value. */
    int maxValue() {
        return maxValue;
    }

    /** Longest value that stands in its leaf. */
    int maxShortValue() {
        return Limits.maxValue(pageSize);
    }

    /** The budget for longer ones. */
    ValueMemory values() {
        return assembly.context().values();
    }

    /** Most bytes they may have. */
    long maxValueMemory() {
        return maxValueMemory;
    }

    /** Where the next load may sort. */
    LoadSpace loadSpace() {
        return new LoadSpace(assembly.directory(), loads.incrementAndGet(), sortMemory, sortDisk);
    }

    String path() {
        return path;
    }

    int prefetch() {
        return prefetch;
    }

    int transactionRetries() {
        return transactionRetries;
    }

    long maxResults() {
        return maxResults;
    }

    Duration lockTimeout() {
        return lockTimeout;
    }

    Duration transactionTimeout() {
        return transactionTimeout;
    }

    Isolation isolation() {
        return isolation;
    }

    long maxReadSet() {
        return maxReadSet;
    }

    CommitSection commitSection() {
        return commitSection;
    }

    ChangeStreams changeStreams() {
        return changeStreams;
    }

    /** The value of a setting that is seldom asked for. */
    long number(Setting setting) {
        return configuration.number(setting);
    }

    /** Where the log had ended when the store was opened. */
    long openedLsn() {
        return assembly.openedLsn();
    }

    StoreClosedException closedError() {
        return new StoreClosedException(path);
    }

    /** Takes everything apart; nobody is behind the gate any more. Blocking, on an engine thread. */
    void close() throws IOException {
        timer.close();
        assembly.close();
    }

    StoreStats stats() {
        Engine engine = context().engine();
        BufferPoolStats pool = assembly.pool().stats();
        WalStats log = assembly.wal().stats();
        TransactionTable table = engine.transactions();
        long offHeap = pool.offHeapBytes()
                + assembly.wal().offHeapBytes()
                + table.offHeapBytes()
                + engine.versions().usedBytes()
                + context().workspaces().offHeapBytes();
        return new StoreStats(
                assembly.wal().durableLsn(),
                context().counters().commits(),
                context().counters().rollbacks(),
                context().counters().conflicts(),
                context().transactions().open(),
                engine.snapshots().open(),
                Duration.ofNanos(engine.snapshots().oldestAgeNanos()),
                gate.inside(),
                context().counters().pageHits(),
                pool.misses(),
                pool.evictions(),
                pool.dirtyPages(),
                pool.cachedPages(),
                log.forces(),
                log.logBytes(),
                log.logRecords(),
                log.segments(),
                assembly.checkpointer().lastCheckpointLsn(),
                engine.versions().usedBytes(),
                offHeap,
                assembly.data().pageCount() * pageSize,
                engine.pages().freePages());
    }
}
