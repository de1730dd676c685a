package io.millrace.perf.compare;

import java.util.LinkedHashMap;
import java.util.Map;
import org.HdrHistogram.Histogram;

/**
 * What a closed loop came to.
 *
 * @param operations that ended in time
 * @param seconds that was
 * @param latencies theirs, in nanoseconds
 * @param cpuNanos processor time of the whole JVM meanwhile
 * @param writtenBytes bytes the JVM had the kernel write meanwhile
 */
record Figures(long operations, double seconds, Histogram latencies, long cpuNanos, long writtenBytes) {
    private static final double NANOS_PER_MICRO = 1000;

    Map<String, Object> members() {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("value", operations / seconds);
        members.put("unit", "ops/s");
        members.put("p50_us", micros(50));
        members.put("p90_us", micros(90));
        members.put("p99_us", micros(99));
        members.put("p999_us", micros(99.9));
        members.put("max_us", micros(100));
        if (operations > 0) {
            members.put("cpu_us_per_op", cpuNanos / NANOS_PER_MICRO / operations);
            members.put("written_bytes_per_op", (double) writtenBytes / operations);
        }
        return members;
    }

    private double micros(double percentile) {
        return latencies.getValueAtPercentile(percentile) / NANOS_PER_MICRO;
    }
}
