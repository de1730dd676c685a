package io.millrace;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.testkit.Seeds;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * Runs of {@link EngineSimulation}. In the build: seeds that once failed, some fixed ones, and some that come from the commit. With
 * {@code -Pstress}: a range of seeds, {@code -Dmillrace.sim.from} to {@code -Dmillrace.sim.to}, so that it may be done in parts.
 */
final class EngineSimulationTest {
    private static final int FIXED = 150;
    private static final int FRESH = 150;
    private static final long STRESS_SEEDS = 20_000;
    private static final int PROGRESS = 1_000;

    @Test
    void seedsThatOnceFailed() throws IOException {
        SimulationTally tally = new SimulationTally();
        Seeds.each(onceFailed(), (seed, random) -> {
            QuietLog.during(() -> new EngineSimulation(seed, tally).run());
            simulate(seed, tally);
        });
    }

    @Test
    void seeds() {
        SimulationTally tally = new SimulationTally();
        Seeds.each(wanted(), (seed, random) -> {
            simulate(seed, tally);
            if (Boolean.getBoolean("millrace.stress") && seed % PROGRESS == 0) {
                System.out.println("up to seed " + seed + ": " + tally);
            }
        });
        System.out.println(tally);
    }

    @Test
    void sameSeedIsTheSameRun() {
        Seeds.forEach(
                3,
                (seed, random) ->
                        assertEquals(simulate(seed, new SimulationTally()), simulate(seed, new SimulationTally())));
    }

    private static long simulate(long seed, SimulationTally tally) throws Exception {
        long[] trace = new long[1];
        QuietLog.during(() -> trace[0] = EngineSimulation.anySync(seed, tally).run());
        return trace[0];
    }

    private static LongStream wanted() {
        if (Boolean.getBoolean("millrace.stress")) {
            return LongStream.range(
                    Long.getLong("millrace.sim.from", 0), Long.getLong("millrace.sim.to", STRESS_SEEDS));
        }
        return LongStream.concat(LongStream.range(0, FIXED), Seeds.ofCommit(FRESH));
    }

    private static LongStream onceFailed() throws IOException {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(
                EngineSimulationTest.class.getResourceAsStream("/simulation-seeds.txt"), StandardCharsets.UTF_8))) {
            return lines
                    .lines()
                    .map(String::strip)
                    .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                    .mapToLong(line -> Long.parseLong(line.split("\\s")[0]))
                    .boxed()
                    .toList()
                    .stream()
                    .mapToLong(Long::longValue);
        }
    }
}
