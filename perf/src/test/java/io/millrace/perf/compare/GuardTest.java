package io.millrace.perf.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GuardTest {
    @Test
    void aSlowerDiskIsNoSlowerStore() {
        assertFalse(worse(rate(100, 1000), rate(50, 500)));
        assertTrue(worse(rate(100, 1000), rate(100, 500)));
    }

    @Test
    void lessThanAQuarterIsNoise() {
        assertFalse(worse(rate(100, 1000), rate(100, 760)));
        assertTrue(worse(rate(100, 1000), rate(100, 740)));
    }

    @Test
    void moreThanAQuarterIsNoiseWhereTheRepetitionsSaySo() {
        assertFalse(worse(rate(100, 1000, 700, 1300), rate(100, 600)));
    }

    @Test
    void ofTimesMoreIsWorse() {
        assertFalse(worse(millis(100, 10), millis(100, 8)));
        assertFalse(worse(millis(100, 10), millis(50, 20)));
        assertTrue(worse(millis(100, 10), millis(100, 20)));
    }

    @Test
    void whatIsMissingIsWorse() {
        Guard guard = new Guard(rate(100, 1000), millis(100, 1));
        assertEquals(
                List.of(true),
                guard.verdicts().stream().map(Guard.Verdict::isWorse).toList());
    }

    private static boolean worse(Comparison stored, Comparison now) {
        List<Guard.Verdict> verdicts = new Guard(stored, now).verdicts();
        assertEquals(1, verdicts.size());
        return verdicts.get(0).isWorse();
    }

    private static Comparison rate(double floor, double... values) {
        return of("commit", "ops/s", floor, values);
    }

    private static Comparison millis(double floor, double... values) {
        return of("reopen", "ms", floor, values);
    }

    private static Comparison of(String workload, String unit, double floor, double... values) {
        List<Map<String, Object>> runs = new ArrayList<>();
        for (double value : values) {
            Map<String, Object> cell = Map.of("workload", workload, "point", "x", "unit", unit, "value", value);
            runs.add(new Run(workload, "millrace", runs.size(), List.of(cell), null, floor, floor).members());
        }
        return Comparison.of(Map.of("kind", "compare", "runs", runs));
    }
}
