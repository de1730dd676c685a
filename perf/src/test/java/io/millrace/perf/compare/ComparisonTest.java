package io.millrace.perf.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.perf.compare.Comparison.Row;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ComparisonTest {
    @Test
    void theRatioIsToTheBestPeerByMedians() {
        Comparison comparison = of(
                run("commit", "millrace", 0, 100, 300.0),
                run("commit", "lmdb", 0, 100, 100.0),
                run("commit", "rocksdb", 0, 100, 150.0),
                run("commit", "rocksdb", 1, 100, 900.0),
                run("commit", "rocksdb", 2, 100, 200.0));
        Row row = comparison.rows().get(0);

        assertEquals("rocksdb", comparison.bestPeer(row));
        assertEquals(1.5, comparison.ratio(row), 1e-9);
        assertEquals(3.0, comparison.ratioToFloor(row), 1e-9);
        assertEquals(150, comparison.cell(row, "rocksdb").least("value"));
        assertEquals(900, comparison.cell(row, "rocksdb").greatest("value"));
    }

    @Test
    void ofTimesTheLeastIsBest() {
        Comparison comparison = of(
                cell("reopen", "millrace", Map.of("workload", "reopen", "point", "x", "unit", "ms", "value", 20.0)),
                cell("reopen", "lmdb", Map.of("workload", "reopen", "point", "x", "unit", "ms", "value", 5.0)),
                cell("reopen", "je", Map.of("workload", "reopen", "point", "x", "unit", "ms", "value", 50.0)));
        Row row = comparison.rows().get(0);

        assertEquals("lmdb", comparison.bestPeer(row));
        assertEquals(0.25, comparison.ratio(row), 1e-9);
    }

    @Test
    void aRunWhoseFloorsMovedCallsItselfDisturbed() {
        Run moved = new Run("commit", "millrace", 0, List.of(), null, 100, 140);
        Run steady = new Run("commit", "lmdb", 0, List.of(), null, 100, 130);
        assertTrue(of(moved, steady).isDisturbed());
        assertTrue(new RatioTable(of(moved, steady)).text().contains("DISTURBED"));
        assertFalse(of(steady, steady).isDisturbed());
        assertFalse(new RatioTable(of(steady, steady)).text().contains("DISTURBED"));
    }

    @Test
    void lostCommitsAndFailuresAreSaid() {
        Comparison comparison = of(
                cell(
                        "reopen",
                        "xodus",
                        Map.of("workload", "reopen", "point", "x", "unit", "ms", "value", 1.0, "lost", 3.0)),
                new Run("commit", "je", 0, List.of(), "no end within 90 s", 100, 100));
        assertEquals(2, comparison.failures().size(), comparison.failures().toString());
        String text = new RatioTable(comparison).markdown();
        assertTrue(text.contains("xodus lost 3 acknowledged commits"), text);
        assertTrue(text.contains("je, commit: no end within 90 s"), text);
    }

    @Test
    void forcesPerCommitAreNoContest() {
        Comparison comparison = of(cell(
                "syncs",
                "lmdb",
                Map.of("workload", "syncs", "point", "1 in flight", "unit", "forces per commit", "value", 2.0)));
        assertNull(comparison.bestPeer(comparison.rows().get(0)));
    }

    @Test
    void theTableMarksTheBestPeerAndLeavesNoColumnOut() {
        String text = new RatioTable(
                        of(run("commit", "millrace", 0, 100, 12_345.0), run("commit", "sqlite", 0, 100, 2_000_000.0)))
                .text();
        assertTrue(text.contains("12.3k"), text);
        assertTrue(text.contains("2.00M*"), text);
        assertTrue(text.contains("0.006"), text);
    }

    private static Comparison of(Run... runs) {
        return Comparison.of(Map.of(
                "kind",
                "compare",
                "runs",
                java.util.Arrays.stream(runs).map(Run::members).toList()));
    }

    private static Run run(String workload, String contender, int repetition, double floor, double value) {
        Map<String, Object> cell =
                Map.of("workload", workload, "point", "1 in flight", "unit", "ops/s", "value", value);
        return new Run(workload, contender, repetition, List.of(cell), null, floor, floor);
    }

    private static Run cell(String workload, String contender, Map<String, Object> cell) {
        return new Run(workload, contender, 0, List.of(cell), null, 0, 0);
    }
}
