package io.millrace;

import io.millrace.testkit.Seeds;
import io.millrace.testkit.history.Level;
import java.time.Duration;
import java.util.stream.LongStream;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Random concurrent transactions with crashes and reopens in between contain no anomaly that their level forbids. In the build on a simulated
 * machine; with {@code -Pstress} more of that, and the engine with its own threads, a minute and more at each level.
 */
final class HistoryTest {
    private static final boolean STRESS = Boolean.getBoolean("millrace.stress");
    private static final int SIMULATED = STRESS ? 5_000 : 12;

    @ParameterizedTest
    @EnumSource(Level.class)
    @EnabledIfSystemProperty(named = "millrace.stress", matches = "true")
    void ofTheEngineWithItsOwnThreads(Level level) {
        long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        do {
            Seeds.forEach(
                    1,
                    (seed, random) ->
                            QuietLog.during(() -> System.out.println(new HistoryRun(level, random).run(10, 3_000))));
        } while (System.nanoTime() < end);
    }

    @ParameterizedTest
    @EnumSource(Level.class)
    void ofTheSimulatedEngine(Level level) {
        long[] commits = new long[1];
        LongStream seeds = LongStream.concat(LongStream.range(0, SIMULATED), Seeds.ofCommit(SIMULATED));
        Seeds.each(
                seeds, (seed, random) -> QuietLog.during(() -> commits[0] += new SimulatedHistory(level, seed).run()));
        System.out.println(commits[0] + " commits of simulated histories at " + level);
    }
}
