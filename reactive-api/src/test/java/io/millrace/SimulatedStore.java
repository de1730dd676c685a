package io.millrace;

import io.millrace.btree.Catalogue;
import io.millrace.btree.TreeCheck;
import io.millrace.btree.TreeRef;
import io.millrace.btree.TreeReport;
import io.millrace.common.Completion;
import io.millrace.storage.StorageDirectory;
import io.millrace.testkit.SimulatedThreads;
import io.millrace.txn.PageAllocator;
import io.millrace.txn.SpaceMap;
import io.millrace.wal.WalStats;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import reactor.core.publisher.Mono;

/** A store of a simulated machine, and how its threads wait for answers. */
final class SimulatedStore {
    private static final long QUIET_NANOS = 1_000_000;
    private static final int QUIET_TRIES = 20_000;
    private static final int POISON_TRIES = 1_000;
    private static final int HOARD_TRIES = 500;

    private final SimulatedThreads machine;
    private final EngineAssembly assembly;
    private final MillraceStore store;
    // Reserved, so that others take pages far from the beginning of the file.
    private final List<Long> hoard = new ArrayList<>();
    private long pagesMoved;
    private long cuts;

    private SimulatedStore(SimulatedThreads machine, EngineAssembly assembly, Configuration configuration) {
        this.machine = machine;
        this.assembly = assembly;
        store = new MillraceStore(new StoreEngine(assembly, configuration, "simulated"), false);
    }

    /** Settings as small and as hasty as they may be. */
    static Configuration settings(Random random) {
        return settings(random, "force", "0s");
    }

    /** The same with another way to the disk. */
    static Configuration settings(Random random, String sync, String maxDelay) {
        return settings(random, sync, maxDelay, "");
    }

    /** The same with checkpoints only when one is asked for, or so often; an empty text draws it. */
    static Configuration settings(Random random, String sync, String maxDelay, String checkpointInterval) {
        return settings(random, sync, maxDelay, checkpointInterval, "1MiB");
    }

    /** The same with so much memory for overwritten versions. */
    static Configuration settings(
            Random random, String sync, String maxDelay, String checkpointInterval, String versionMemory) {
        return settings(random, sync, maxDelay, checkpointInterval, versionMemory, "");
    }

    /** The same with so long a wait for a key; an empty text draws it. */
    static Configuration settings(
            Random random,
            String sync,
            String maxDelay,
            String checkpointInterval,
            String versionMemory,
            String lockTimeout) {
        Map<String, String> settings = Map.ofEntries(
                Map.entry("wal.sync", sync),
                Map.entry("wal.max-delay", maxDelay),
                Map.entry("buffer-pool.page-size", "4KiB"),
                Map.entry("buffer-pool.size", (128 << random.nextInt(3)) + "KiB"),
                Map.entry("buffer-pool.stripes", "4"),
                Map.entry("buffer-pool.cleaners", Integer.toString(1 + random.nextInt(2))),
                Map.entry("wal.segment-size", (64 << random.nextInt(2)) + "KiB"),
                Map.entry("wal.ring-slots", "256"),
                Map.entry("wal.slot-size", (128 << random.nextInt(2)) + "B"),
                Map.entry(
                        "checkpoint.interval",
                        checkpointInterval.isEmpty() ? (1 + random.nextInt(100)) + "ms" : checkpointInterval),
                Map.entry("checkpoint.log-bytes", "64KiB"),
                Map.entry("recovery.threads", "2"),
                Map.entry("reactive.completion-threads", Integer.toString(1 + random.nextInt(3))),
                Map.entry("reactive.io-threads", Integer.toString(1 + random.nextInt(2))),
                Map.entry("reactive.prefetch", Integer.toString(1 + random.nextInt(40))),
                Map.entry("transaction.max-open", "64"),
                Map.entry("transaction.max-snapshots", "64"),
                Map.entry("transaction.max-version-memory", versionMemory),
                Map.entry(
                        "transaction.lock-timeout",
                        !lockTimeout.isEmpty() ? lockTimeout : random.nextBoolean() ? "20ms" : "5s"),
                Map.entry("transaction.table-size", "16384"));
        return Configuration.of(Map.of(), settings, new Properties());
    }

    static SimulatedStore open(SimulatedThreads machine, StorageDirectory directory, Configuration configuration)
            throws IOException {
        return new SimulatedStore(
                machine, EngineAssembly.open(directory, configuration, machine, cause -> {}), configuration);
    }

    SimulatedThreads machine() {
        return machine;
    }

    EngineAssembly assembly() {
        return assembly;
    }

    MillraceStore store() {
        return store;
    }

    /** Keeps pages from being used, until {@link #giveUpHoard}: then a compaction finds something to move. */
    void hoard(int wanted) {
        PageAllocator pages = assembly.context().engine().pages();
        for (int tries = 0; tries < HOARD_TRIES && hoard.size() < wanted; tries++) {
            long page = pages.reserve(false);
            if (page == 0) {
                machine.park(this, QUIET_NANOS);
            } else {
                hoard.add(page);
            }
        }
    }

    /** Lets all pages be used again. */
    void giveUpHoard() {
        hoard.forEach(assembly.context().engine().pages()::giveBack);
        hoard.clear();
    }

    /** A compaction has come to its end. */
    void compacted(CompactInfo info) {
        pagesMoved += info.pagesMoved();
        cuts += info.bytesAfter() < info.bytesBefore() ? 1 : 0;
    }

    /** Pages that compactions have moved. */
    long pagesMoved() {
        return pagesMoved;
    }

    /** Compactions that made the data file shorter. */
    long cuts() {
        return cuts;
    }

    /** Subscribes here and sleeps until the answer is there; what it fails with is thrown. */
    <T> T await(Mono<T> mono) {
        Completion done = new Completion(machine);
        AtomicReference<T> value = new AtomicReference<>();
        mono.subscribe(value::set, done::fail, done::complete);
        done.await();
        return value.get();
    }

    /** Sleeps until nothing is under way any more. */
    void awaitQuiet() {
        for (int tries = 0; isBusy(); tries++) {
            if (tries > QUIET_TRIES) {
                throw new AssertionError("NoLeaks: " + store.stats() + ", frames "
                        + assembly.pool().heldFrames() + ", " + assembly.wal().stats());
            }
            machine.park(this, QUIET_NANOS);
        }
    }

    /** FailureIsFinal (L9): a call that changes the disk has failed, so the store is poisoned, or will be in a moment. */
    void awaitPoison() {
        for (int tries = 0; !assembly.wal().isPoisoned(); tries++) {
            if (tries > POISON_TRIES) {
                throw new AssertionError("FailureIsFinal: the store goes on after an input/output error");
            }
            machine.park(this, QUIET_NANOS);
        }
    }

    private boolean isBusy() {
        StoreStats stats = store.stats();
        // What a poisoned log does not let roll back stays open (L9).
        boolean open = stats.openSnapshots() != 0 || stats.openTransactions() != 0;
        if (assembly.wal().isPoisoned()) {
            return stats.waitingOperations() != 0;
        }
        WalStats log = assembly.wal().stats();
        return stats.waitingOperations() != 0
                || open
                || stats.versionBytes() != 0
                || assembly.context().values().usedBytes() != 0
                || !assembly.catalogue().reclaimer().isIdle()
                || assembly.pool().heldFrames() != 0
                || log.heldSlots() != 0
                || log.heldUndoBytes() != 0;
    }

    /** TreeIsWellFormed: every tree, page by page; EveryPageHasItsOwner: a page is reached, or it is free. Nothing is under way. */
    void checkTrees() {
        assembly.maintainer().suspend();
        checkResting();
        assembly.maintainer().resume();
    }

    private void checkResting() {
        Catalogue catalogue = assembly.catalogue();
        List<TreeRef> trees = new ArrayList<>();
        trees.add(new TreeRef(Catalogue.TREE_ID, Catalogue.ROOT_PAGE, 0));
        catalogue.names().forEach(name -> trees.add(catalogue.find(name)));
        int pageSize = assembly.pool().pageSize();
        long pages = 1 + (assembly.data().pageCount() - 2) / SpaceMap.bitsPerPage(pageSize) + 1;
        for (TreeRef tree : trees) {
            TreeReport report = TreeCheck.check(assembly.pool(), tree);
            if (!report.sound()) {
                throw new AssertionError("TreeIsWellFormed: " + report.findings());
            }
            pages += report.pages();
        }
        long free = assembly.context().engine().pages().freePages();
        // What a poisoned store can't free stays pending until it is opened again.
        if (pages != assembly.data().pageCount() - free && !assembly.wal().isPoisoned()) {
            throw new AssertionError("EveryPageHasItsOwner: of "
                    + assembly.data().pageCount() + " pages " + free + " are free and " + pages + " are reached");
        }
    }

    /** Closes in order: afterwards no thread of the engine is left. */
    void close() {
        await(store.close());
        machine.joinOthers();
    }
}
