package io.millrace.perf.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.perf.UsageException;
import java.util.List;
import org.junit.jupiter.api.Test;

class CommitResultTest {
    private static CommitResult result(double rawBefore, double rawAfter) {
        return new CommitResult(256, 123_456.7, 1_234.4, 9_876.5, 4_000.4, 30.86, rawBefore, rawAfter);
    }

    @Test
    void rowsStandUnderTheHeader() {
        assertEquals(
                "in flight    commits/s     p50 us     p99 us   fsyncs/s   records/fsync      raw/s    ratio",
                CommitResult.HEADER);
        assertEquals(
                "      256       123457       1234       9877       4000            30.9       5500    22.45",
                result(5_000, 6_000).row());
    }

    @Test
    void aDiskThatChangedByMoreThanAThirdIsADisturbance() {
        assertFalse(result(6_000, 4_500).isDisturbed());
        assertFalse(result(4_500, 6_000).isDisturbed());
        assertTrue(result(6_001, 4_500).isDisturbed());
        assertTrue(result(4_499, 6_000).isDisturbed());
        assertTrue(result(3_000, 6_000).row().endsWith("  disturbed: raw loop 3000, then 6000"));
    }

    @Test
    void theJsonIsOneLine() {
        CommitBenchOptions options = CommitBenchOptions.parse(List.of("--seconds", "2", "--in-flight", "256"));
        String json = CommitResult.json(options, List.of(result(5_000, 6_000), result(5_000, 6_000)));
        assertFalse(json.contains("\n"));
        assertTrue(json.startsWith("{\"benchmark\":\"commit\",\"jdk\":\""), json);
        assertTrue(
                json.endsWith("{\"in_flight\":256,\"commits_per_second\":123456.7,\"p50_us\":1234.4,\"p99_us\":9876.5,"
                        + "\"fsyncs_per_second\":4000.4,\"records_per_fsync\":30.86,\"raw_before\":5000.0,"
                        + "\"raw_after\":6000.0,\"ratio\":22.447,\"disturbed\":false}]}"),
                json);
    }

    @Test
    void optionsHaveDefaults() {
        CommitBenchOptions options = CommitBenchOptions.parse(List.of());
        assertEquals(List.of(1, 16, 64, 256, 1024), options.inFlight());
        assertEquals(10, options.seconds());
        assertEquals(100, options.valueSize());
        assertThrows(UsageException.class, () -> CommitBenchOptions.parse(List.of("quickly")));
        assertThrows(UsageException.class, () -> CommitBenchOptions.parse(List.of("--in-flight", "0")));
    }
}
