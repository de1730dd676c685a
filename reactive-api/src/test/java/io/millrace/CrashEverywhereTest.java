package io.millrace;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.testkit.Seeds;
import java.util.Arrays;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** {@link CrashEverywhere}: one workload in the build, many with {@code -Pstress}, where every recovery is cut short at every call, too. */
final class CrashEverywhereTest {
    private static final boolean STRESS = Boolean.getBoolean("millrace.stress");
    private static final int ACTIONS = 20;
    private static final int SAMPLE = 60;
    private static final int OUTCOMES = STRESS ? 3 : 1;
    private static final int WORKLOADS = 5;

    @Test
    void powerLossAtEveryCallAndAtEveryCallOfTheRecovery() {
        Seeds.each(LongStream.range(0, STRESS ? WORKLOADS : 1), (seed, random) -> {
            CrashEverywhere everywhere = new CrashEverywhere(seed, STRESS ? 1 : SAMPLE, OUTCOMES);
            QuietLog.during(() -> everywhere.run(ACTIONS));
            StringBuilder features = new StringBuilder();
            for (CrashEverywhere.Feature feature : CrashEverywhere.Feature.values()) {
                features.append(' ').append(feature).append('=').append(everywhere.count(feature));
            }
            System.out.println("crash everywhere: seed=" + seed + " points=" + everywhere.points()
                    + " points-in-recovery="
                    + everywhere.pointsInRecovery() + " recoveries-with-losers=" + everywhere.recoveriesWithLosers()
                    + features + " pages-moved=" + everywhere.pagesMoved());
            assertTrue(
                    Arrays.stream(CrashEverywhere.Feature.values()).allMatch(feature -> everywhere.count(feature) > 0),
                    () -> "the workload does not do everything:" + features);
            assertTrue(everywhere.pagesMoved() > 0, "no page was moved");
            assertTrue(everywhere.recoveriesWithLosers() > 0, "no crash left a loser");
        });
    }
}
