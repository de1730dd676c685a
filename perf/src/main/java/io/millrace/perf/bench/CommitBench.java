package io.millrace.perf.bench;

import io.millrace.Codecs;
import io.millrace.OrderedMap;
import io.millrace.Store;
import io.millrace.StoreStats;
import io.millrace.perf.Directories;
import io.millrace.perf.load.RawLoop;
import io.millrace.perf.profile.Profile;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;

/**
 * Durable commits of single keys through the public API, with a fixed number in flight, beside the raw loop on the same file system right before
 * and after each measurement.
 */
final class CommitBench {
    private static final double RAW_SECONDS = 1.5;
    private static final double RAW_WARM_UP_SECONDS = 0.5;
    private static final double MEDIAN = 50;
    private static final double HIGH = 99;
    private static final double NANOS_PER_MICRO = 1_000;

    private final CommitBenchOptions options;
    private final PrintStream out;

    private CommitBench(CommitBenchOptions options, PrintStream out) {
        this.options = options;
        this.out = out;
    }

    /** Measures and prints; answers the exit status. */
    static int run(CommitBenchOptions options, PrintStream out) throws IOException {
        if (options.directory() != null) {
            Files.createDirectories(options.directory());
        }
        Path place = options.directory() == null
                ? Files.createTempDirectory("millrace-bench-")
                : Files.createTempDirectory(options.directory(), "bench-");
        try {
            new CommitBench(options, out).run(place);
        } finally {
            Directories.delete(place);
        }
        return 0;
    }

    private void run(Path place) throws IOException {
        List<CommitResult> results = new ArrayList<>();
        out.println("durable puts of " + options.keys() + " random keys of 16 bytes, values of " + options.valueSize()
                + " bytes, " + options.seconds() + " s each; raw: 4 KiB write and force, one thread");
        out.println(CommitResult.HEADER);
        try (RawLoop raw = RawLoop.in(place)) {
            Store store =
                    Store.open(options.storeOptions(place.resolve("store"))).block();
            try {
                OrderedMap<byte[], byte[]> map = store.map("commits", Codecs.bytes(), Codecs.bytes());
                raw.run(RAW_WARM_UP_SECONDS);
                for (int inFlight : options.inFlight()) {
                    CommitResult result = measure(store, map, raw, inFlight);
                    results.add(result);
                    out.println(result.row());
                }
            } finally {
                store.close().block();
            }
        }
        if (options.json() != null) {
            Files.writeString(options.json(), CommitResult.json(options, results) + "\n");
        }
    }

    private CommitResult measure(Store store, OrderedMap<byte[], byte[]> map, RawLoop raw, int inFlight)
            throws IOException {
        CommitDriver driver = new CommitDriver(map, options, inFlight);
        if (options.warmUpSeconds() > 0) {
            driver.run(options.warmUpSeconds());
        }
        // So that writing pages back does not disturb the raw loop.
        store.checkpoint().block();
        double rawBefore = raw.run(RAW_SECONDS);

        Profile profile = options.profile() ? Profile.start() : null;
        StoreStats before = store.stats();
        long begin = System.nanoTime();
        long commits = driver.run(options.seconds());
        double seconds = options.seconds();
        StoreStats after = store.stats();
        double statSeconds = (System.nanoTime() - begin) / 1e9;
        if (profile != null) {
            profile.stop(after.commits() - before.commits(), out);
        }

        store.checkpoint().block();
        double rawAfter = raw.run(RAW_SECONDS);
        Histogram latencies = driver.latencies();
        long forces = after.forces() - before.forces();
        return new CommitResult(
                inFlight,
                commits / seconds,
                latencies.getValueAtPercentile(MEDIAN) / NANOS_PER_MICRO,
                latencies.getValueAtPercentile(HIGH) / NANOS_PER_MICRO,
                forces / statSeconds,
                forces == 0 ? 0 : (double) (after.logRecords() - before.logRecords()) / forces,
                rawBefore,
                rawAfter);
    }
}
