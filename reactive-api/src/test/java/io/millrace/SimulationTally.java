package io.millrace;

import io.millrace.btree.TreeMaintainer;
import io.millrace.testkit.Fault;
import io.millrace.testkit.SimulatedDirectory;
import java.util.EnumMap;
import java.util.Map;

/** What a number of simulations went through. */
final class SimulationTally {
    private final Map<Fault, Long> errors = new EnumMap<>(Fault.class);
    private long runs;
    private long lives;
    private long crashes;
    private long crashesInRecovery;
    private long lostWrites;
    private long tornWrites;
    private long steps;
    private long evictions;
    private long recoveriesWithLosers;
    private long purges;
    private long merges;
    private long moves;
    private long cuts;

    void run() {
        runs++;
    }

    void life(SimulatedDirectory disk, long itsSteps) {
        lives++;
        steps += itsSteps;
        for (Fault fault : Fault.values()) {
            if (disk.hits(fault) > 0) {
                errors.merge(fault, disk.hits(fault), Long::sum);
            }
        }
    }

    void opened(RecoveryReport report) {
        recoveriesWithLosers += report.transactionsRolledBack() > 0 ? 1 : 0;
    }

    void evictions(long count) {
        evictions += count;
    }

    void contractions(SimulatedStore simulated) {
        TreeMaintainer maintainer = simulated.assembly().maintainer();
        purges += maintainer.purges();
        merges += maintainer.merges();
        moves += simulated.pagesMoved();
        cuts += simulated.cuts();
    }

    void crash(SimulatedDirectory after, boolean inRecovery) {
        crashes++;
        crashesInRecovery += inRecovery ? 1 : 0;
        lostWrites += after.lostWrites();
        tornWrites += after.tornWrites();
    }

    @Override
    public String toString() {
        return "simulation: runs=" + runs + " lives=" + lives + " crashes=" + crashes + " in-recovery="
                + crashesInRecovery + " lost-writes=" + lostWrites + " torn-writes=" + tornWrites + " io-errors="
                + errors.getOrDefault(Fault.IO_ERROR, 0L) + " no-space=" + errors.getOrDefault(Fault.NO_SPACE, 0L)
                + " short-writes=" + errors.getOrDefault(Fault.SHORT_WRITE, 0L) + " losers=" + recoveriesWithLosers
                + " evictions=" + evictions + " purges=" + purges + " merges=" + merges + " moves=" + moves
                + " cuts=" + cuts + " scheduling-steps=" + steps;
    }
}
