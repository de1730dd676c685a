package io.millrace;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.testkit.Seeds;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * A change stream over all lives of a simulated store: crashes, kills, faults and closes in between. What it has emitted is never taken back, and
 * nothing is missing. With {@code -Pstress} more seeds, {@code -Dmillrace.sim.from} to {@code -Dmillrace.sim.to}.
 */
final class ChangeSimulationTest {
    private static final int FIXED = 12;
    private static final int FRESH = 8;
    private static final long STRESS_SEEDS = 3_000;

    @Test
    void whatWasEmittedIsNeverTakenBack() {
        SimulationTally tally = new SimulationTally();
        long[] sums = new long[2];
        Seeds.each(
                wanted(),
                (seed, random) -> QuietLog.during(() -> {
                    SimulatedFollower follower = new SimulatedFollower(new Random(seed));
                    EngineSimulation.followed(seed, tally, follower).run();
                    sums[0] += follower.commits();
                    sums[1] += follower.resumed();
                }));
        System.out.println(tally + " commits-followed=" + sums[0] + " resumed=" + sums[1]);
        assertTrue(sums[0] > 1_000, () -> sums[0] + " commits followed");
        assertTrue(sums[1] > 10, () -> "resumed " + sums[1] + " times");
    }

    private static LongStream wanted() {
        if (Boolean.getBoolean("millrace.stress")) {
            return LongStream.range(
                    Long.getLong("millrace.sim.from", 0), Long.getLong("millrace.sim.to", STRESS_SEEDS));
        }
        return LongStream.concat(LongStream.range(0, FIXED), Seeds.ofCommit(FRESH));
    }
}
