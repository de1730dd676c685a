package io.millrace;

import io.millrace.btree.StoreCheck;
import io.millrace.btree.StoreReport;
import io.millrace.buffer.DataFile;
import io.millrace.buffer.DoubleWriteArea;
import io.millrace.buffer.PageLayout;
import io.millrace.error.MillraceException;
import io.millrace.recovery.ControlFile;
import io.millrace.testkit.Fault;
import io.millrace.testkit.FaultPlan;
import io.millrace.testkit.IoKind;
import io.millrace.testkit.ScheduledDirectory;
import io.millrace.testkit.SimulatedCrash;
import io.millrace.testkit.SimulatedDirectory;
import io.millrace.testkit.SimulatedThreads;
import io.millrace.wal.Wal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;

/**
 * One run of the whole engine on a simulated machine with a simulated disk: clients work through the public API, something happens to the disk
 * or the power, the store is opened again - which may be cut short, too - and everything is compared with the oracle. All chance comes from the
 * seed.
 *
 * <p>Watched: DurableLsnNeverMovesBack and NoPageAheadOfLog at every call on the disk; CommittedStaysCommitted and UncommittedLeavesNoTrace in
 * every snapshot and after every restart; TreeIsWellFormed when nothing is under way; NoLeaks then and after an orderly close; SpaceIsAccountedFor in
 * the files of such a close.
 */
final class EngineSimulation {
    private static final int PAGE = 4096;
    private static final int MAX_HOARD = 160;
    private static final long FULL_NANOS = 400_000_000;

    /** What becomes of a life. */
    private enum Fate {
        CLOSE,
        POWER_CUT,
        CRASH,
        CRASH_IN_OPENING,
        KILL,
        IO_ERROR,
        SHORT_WRITE,
        NO_SPACE,
        FULL_DISK
    }

    private final Random random;
    private final SimulationTally tally;
    private final SimulationModel model;
    private final Configuration configuration;
    /** Then power loss would lose what the clients were told: the process dies instead. */
    private final boolean lags;

    private final Random hoards;
    private final WatchedLog log;
    /** Null if nobody follows the changes. */
    private final SimulatedFollower follower;

    private SimulatedDirectory disk;
    private long trace;
    private boolean closedInOrder;

    // Of the life that runs.
    private SimulatedThreads machine;
    private Fate fate;
    private SimulatedStore store;
    private Wal wal;
    private long lastDurable;
    private boolean opened;

    /** The way to the disk is drawn as well. */
    static EngineSimulation anySync(long seed, SimulationTally tally) {
        // Of its own, so that the rest of the run is the one of the other constructor.
        Random dice = new Random(~seed);
        String[] modes = {"force", "force", "dsync", "direct", "interval(" + (1 + dice.nextInt(30)) + "ms)", "none"};
        String delay = dice.nextInt(4) == 0 ? dice.nextInt(500) + "us" : "0s";
        String mode = modes[dice.nextInt(modes.length)];
        // So little that larger transactions leave stubs of what they overwrite.
        String versions = dice.nextInt(3) == 0 ? "64KiB" : "1MiB";
        return new EngineSimulation(seed, tally, mode, delay, versions, null);
    }

    /** Somebody follows the changes, over all lives; the way to the disk is drawn, too. */
    static EngineSimulation followed(long seed, SimulationTally tally, SimulatedFollower follower) {
        Random dice = new Random(seed + 1);
        String[] modes = {"force", "force", "force", "dsync", "direct", "interval(5ms)"};
        String versions = dice.nextInt(3) == 0 ? "64KiB" : "1MiB";
        return new EngineSimulation(seed, tally, modes[dice.nextInt(modes.length)], "0s", versions, follower);
    }

    EngineSimulation(long seed, SimulationTally tally) {
        this(seed, tally, "force", "0s", "1MiB", null);
    }

    private EngineSimulation(
            long seed,
            SimulationTally tally,
            String sync,
            String maxDelay,
            String versions,
            SimulatedFollower follower) {
        this.tally = tally;
        this.follower = follower;
        random = new Random(seed);
        hoards = new Random(seed + 1);
        configuration = SimulatedStore.settings(random, sync, maxDelay, "", versions);
        log = new WatchedLog(sync.equals("dsync") || sync.equals("direct"));
        lags = sync.startsWith("interval") || sync.equals("none");
        model = new SimulationModel(1 + random.nextInt(4));
        disk = new SimulatedDirectory(random.nextLong());
        disk.tornAtAnyByte(name -> name.endsWith(".log"));
    }

    /** Runs it, and answers the trace: what two runs of one seed have in common. */
    long run() {
        tally.run();
        int lives = 2 + random.nextInt(3);
        for (int i = 0; i < lives; i++) {
            Fate[] fates = Fate.values();
            live(i == lives - 1 ? Fate.CLOSE : fates[random.nextInt(fates.length)]);
        }
        live(Fate.CLOSE);
        return trace;
    }

    private void live(Fate itsFate) {
        fate = itsFate;
        machine = new SimulatedThreads(random.nextLong());
        store = null;
        wal = null;
        opened = false;
        disk.faults(plan());
        machine.run(this::life);
        trace = trace * 31 + machine.trace();
        tally.life(disk, machine.steps());
        boolean crashed = machine.isStopped();
        if (crashed && store != null) {
            // Outside the heap, and nobody is left to give it back.
            store.assembly().context().engine().versions().freeAll();
        }
        log.lifeEnds();
        closedInOrder = !crashed && fate == Fate.CLOSE;
        boolean power = fate != Fate.KILL && (crashed || random.nextBoolean()) && !lags;
        SimulatedDirectory after = power ? disk.crash(random) : disk.kill();
        if (crashed) {
            tally.crash(after, !opened);
        }
        disk = after;
        disk.capacity(Long.MAX_VALUE);
        if (closedInOrder) {
            checkFiles();
        }
    }

    /** SpaceIsAccountedFor: every page in use belongs to exactly one tree, and is sound by itself. */
    private void checkFiles() {
        StoreReport report;
        try {
            report = StoreCheck.check(disk);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        if (!report.sound() || !report.cleanlyClosed()) {
            throw new AssertionError("SpaceIsAccountedFor: " + report.findings());
        }
    }

    private FaultPlan plan() {
        long soon = 1L + random.nextInt(random.nextBoolean() ? 60 : 600);
        return switch (fate) {
            case CRASH, KILL -> FaultPlan.none().atChange(soon, random.nextBoolean() ? Fault.CRASH : Fault.CRASH_AFTER);
            case CRASH_IN_OPENING -> FaultPlan.none().atChange(1L + random.nextInt(40), Fault.CRASH);
            case IO_ERROR -> failing(Fault.IO_ERROR);
            case NO_SPACE -> failing(Fault.NO_SPACE);
            case SHORT_WRITE -> FaultPlan.none().at(IoKind.WRITE, soon, Fault.SHORT_WRITE);
            default -> FaultPlan.none();
        };
    }

    /** One call fails, of a kind and on a file drawn at random, so that the rare ones come up as often as the log's. */
    private FaultPlan failing(Fault fault) {
        if (random.nextInt(3) == 0) {
            IoKind[] rare = {IoKind.CREATE, IoKind.RENAME, IoKind.FORCE_DIRECTORY, IoKind.DELETE, IoKind.OPEN};
            return FaultPlan.none().at(rare[random.nextInt(rare.length)], 1L + random.nextInt(8), fault);
        }
        String[] files = {DataFile.NAME, DoubleWriteArea.NAME, ControlFile.NAME, ".log"};
        String file = files[random.nextInt(files.length)];
        IoKind kind = random.nextBoolean() ? IoKind.WRITE : IoKind.FORCE;
        return FaultPlan.none().at(kind, name -> name.endsWith(file), 1L + random.nextInt(12), fault);
    }

    private void life() {
        try {
            SimulatedStore simulated = open();
            if (simulated != null) {
                work(simulated);
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Null if the disk did not let it. */
    private SimulatedStore open() throws IOException {
        ScheduledDirectory directory = new ScheduledDirectory(disk, machine, this::observe);
        SimulatedStore simulated;
        try {
            simulated = SimulatedStore.open(machine, directory, configuration);
        } catch (IOException | MillraceException failure) {
            if (!hasFailed()) {
                throw failure;
            }
            machine.joinOthers();
            return null;
        }
        opened = true;
        store = simulated;
        wal = simulated.assembly().wal();
        lastDurable = wal.durableLsn();
        RecoveryReport report = simulated.store().recoveryReport();
        tally.opened(report);
        if (closedInOrder && (!report.cleanClose() || report.transactionsRolledBack() != 0)) {
            throw new AssertionError("an orderly close was forgotten: " + report);
        }
        return simulated;
    }

    private boolean hasFailed() {
        return disk.hits(Fault.IO_ERROR) + disk.hits(Fault.NO_SPACE) + disk.hits(Fault.SHORT_WRITE) > 0;
    }

    private boolean mayFail() {
        return fate == Fate.IO_ERROR || fate == Fate.NO_SPACE || fate == Fate.SHORT_WRITE || fate == Fate.FULL_DISK;
    }

    private void work(SimulatedStore simulated) {
        try {
            model.check(simulated, true);
            simulated.awaitQuiet();
            simulated.checkTrees();
            if (follower != null) {
                follower.follow(simulated);
            }
            model.openAccounts(simulated);
        } catch (MillraceException failure) {
            if (!hasFailed()) {
                throw failure;
            }
            end(simulated);
            return;
        }
        if (hoards.nextBoolean()) {
            simulated.hoard(hoards.nextInt(MAX_HOARD));
        }
        Thread[] clients = new Thread[model.clients()];
        for (int i = 0; i < clients.length; i++) {
            Random own = new Random(random.nextLong());
            SimulatedClient client = new SimulatedClient(simulated, model, i, own, mayFail());
            clients[i] = machine.start("client-" + i, follower == null ? client : client.withoutLoads());
        }
        if (fate == Fate.FULL_DISK) {
            fillDisk();
        }
        for (Thread client : clients) {
            machine.join(client);
        }
        end(simulated);
    }

    private void fillDisk() {
        machine.park(this, random.nextInt(30_000_000));
        disk.capacity(disk.bytes() + random.nextInt(200_000));
        machine.park(this, FULL_NANOS);
        disk.capacity(Long.MAX_VALUE);
    }

    private void end(SimulatedStore simulated) {
        simulated.giveUpHoard();
        if (fate == Fate.POWER_CUT) {
            machine.stop();
            throw new SimulatedCrash("the end of the work");
        }
        if (follower != null) {
            endFollowing();
        }
        simulated.awaitQuiet();
        if (disk.hits(Fault.IO_ERROR) > 0) {
            simulated.awaitPoison();
        }
        tally.evictions(simulated.store().stats().evictions());
        tally.contractions(simulated);
        if (!wal.isPoisoned()) {
            model.check(simulated, false);
            simulated.awaitQuiet();
            simulated.checkTrees();
        } else if (!hasFailed()) {
            throw new AssertionError("poisoned for no reason", wal.poisonCause());
        }
        try {
            simulated.close();
        } catch (MillraceException failure) {
            if (!hasFailed()) {
                throw failure;
            }
            machine.joinOthers();
        }
        if (!wal.isPoisoned() && disk.openFiles() != 0) {
            throw new AssertionError("NoLeaks: " + disk.openFiles() + " files are open after close");
        }
        long versions = simulated.assembly().context().engine().versions().usedBytes();
        if (versions != 0) {
            throw new AssertionError("NoLeaks: " + versions + " bytes of versions after close");
        }
    }

    private void endFollowing() {
        try {
            if (wal.isPoisoned()) {
                follower.stop();
            } else {
                follower.compare(hasFailed());
            }
        } catch (MillraceException failure) {
            if (!hasFailed()) {
                throw failure;
            }
            follower.stop();
        }
    }

    /** At every call on the disk, before it is made. */
    private void observe(IoKind kind, String name, long position, ByteBuffer bytes) {
        log.observe(kind, name, bytes);
        if (wal != null) {
            long durable = wal.durableLsn();
            if (durable < lastDurable) {
                machine.fail(new AssertionError("DurableLsnNeverMovesBack: from " + lastDurable + " to " + durable));
            }
            lastDurable = durable;
        }
        if (kind == IoKind.WRITE && name.equals(DataFile.NAME) && bytes.remaining() == PAGE) {
            ByteBuffer page = bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
            checkPage(position, page.getLong(page.position() + PageLayout.PAGE_LSN));
        }
    }

    private void checkPage(long position, long pageLsn) {
        if (pageLsn > log.forcedLsn() || wal != null && pageLsn > wal.durableLsn()) {
            machine.fail(new AssertionError("NoPageAheadOfLog: page " + position / PAGE + " of LSN " + pageLsn
                    + " is written while the log has been forced up to " + log.forcedLsn() + ", durable up to "
                    + (wal == null ? "an unknown LSN" : wal.durableLsn())));
        }
    }
}
