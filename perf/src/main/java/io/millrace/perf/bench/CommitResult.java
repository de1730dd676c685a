package io.millrace.perf.bench;

import java.util.List;
import java.util.Locale;

/**
 * One measurement.
 *
 * @param inFlight commits in flight
 * @param commitsPerSecond durable commits
 * @param p50Micros median latency
 * @param p99Micros 99th percentile of the latency
 * @param forcesPerSecond forces of the log
 * @param recordsPerForce log records per force
 * @param rawBefore forces per second of the raw loop, right before
 * @param rawAfter the same, right after
 */
record CommitResult(
        int inFlight,
        double commitsPerSecond,
        double p50Micros,
        double p99Micros,
        double forcesPerSecond,
        double recordsPerForce,
        double rawBefore,
        double rawAfter) {
    private static final double STEADY = 4.0 / 3;

    static final String HEADER = String.format(
            Locale.ROOT,
            "%9s %12s %10s %10s %10s %15s %10s %8s",
            "in flight",
            "commits/s",
            "p50 us",
            "p99 us",
            "fsyncs/s",
            "records/fsync",
            "raw/s",
            "ratio");

    double raw() {
        return (rawBefore + rawAfter) / 2;
    }

    /** Commits per force of the raw loop. */
    double ratio() {
        return commitsPerSecond / raw();
    }

    /** Whether the disk itself changed by more than a third meanwhile, so that the ratio means little. */
    boolean isDisturbed() {
        return Math.max(rawBefore, rawAfter) > STEADY * Math.min(rawBefore, rawAfter);
    }

    /** A line below {@link #HEADER}. */
    String row() {
        return String.format(
                Locale.ROOT,
                "%9d %12.0f %10.0f %10.0f %10.0f %15.1f %10.0f %8.2f%s",
                inFlight,
                commitsPerSecond,
                p50Micros,
                p99Micros,
                forcesPerSecond,
                recordsPerForce,
                raw(),
                ratio(),
                isDisturbed()
                        ? String.format(Locale.ROOT, "  disturbed: raw loop %.0f, then %.0f", rawBefore, rawAfter)
                        : "");
    }

    String json() {
        return String.format(
                Locale.ROOT,
                "{\"in_flight\":%d,\"commits_per_second\":%.1f,\"p50_us\":%.1f,\"p99_us\":%.1f,"
                        + "\"fsyncs_per_second\":%.1f,\"records_per_fsync\":%.2f,\"raw_before\":%.1f,\"raw_after\":%.1f,"
                        + "\"ratio\":%.3f,\"disturbed\":%b}",
                inFlight,
                commitsPerSecond,
                p50Micros,
                p99Micros,
                forcesPerSecond,
                recordsPerForce,
                rawBefore,
                rawAfter,
                ratio(),
                isDisturbed());
    }

    /** All results as one line. */
    static String json(CommitBenchOptions options, List<CommitResult> results) {
        StringBuilder json = new StringBuilder(String.format(
                Locale.ROOT,
                "{\"benchmark\":\"commit\",\"jdk\":\"%s\",\"processors\":%d,\"seconds\":%d,\"value_size\":%d,\"keys\":%d,"
                        + "\"results\":[",
                Runtime.version(),
                Runtime.getRuntime().availableProcessors(),
                options.seconds(),
                options.valueSize(),
                options.keys()));
        for (int i = 0; i < results.size(); i++) {
            json.append(i == 0 ? "" : ",").append(results.get(i).json());
        }
        return json.append("]}").toString();
    }
}
