package io.millrace.perf.bench;

import io.millrace.StoreOptions;
import io.millrace.perf.Arguments;
import io.millrace.perf.UsageException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What to measure.
 *
 * @param inFlight numbers of commits in flight, one measurement each
 * @param seconds length of a measurement
 * @param warmUpSeconds length of the warm-up before it
 * @param directory where to put the store and the raw loop's file, null for a temporary directory
 * @param valueSize bytes of a value
 * @param keys number of different keys
 * @param json file for the results, null for none
 * @param profile whether to record a profile of each measurement
 * @param settings settings of the store
 */
record CommitBenchOptions(
        List<Integer> inFlight,
        int seconds,
        int warmUpSeconds,
        Path directory,
        int valueSize,
        long keys,
        Path json,
        boolean profile,
        Map<String, String> settings) {
    private static final List<Integer> DEFAULT_IN_FLIGHT = List.of(1, 16, 64, 256, 1024);
    private static final int DEFAULT_SECONDS = 10;
    private static final int DEFAULT_WARM_UP_SECONDS = 3;
    private static final int DEFAULT_VALUE_SIZE = 100;
    private static final long DEFAULT_KEYS = 100_000;
    private static final Set<String> NAMES =
            Set.of("in-flight", "seconds", "warm-up", "directory", "value-size", "keys", "json");

    static CommitBenchOptions parse(List<String> arguments) {
        Arguments parsed = Arguments.parse(arguments, NAMES, Set.of("profile"));
        if (!parsed.words().isEmpty()) {
            throw new UsageException(
                    "bench commit does not know \"" + parsed.words().get(0) + "\"");
        }
        String directory = parsed.text("directory", null);
        String json = parsed.text("json", null);
        return new CommitBenchOptions(
                parsed.numbers("in-flight", DEFAULT_IN_FLIGHT, 1),
                parsed.smallNumber("seconds", DEFAULT_SECONDS, 1),
                parsed.smallNumber("warm-up", DEFAULT_WARM_UP_SECONDS, 0),
                directory == null ? null : Path.of(directory).toAbsolutePath(),
                parsed.smallNumber("value-size", DEFAULT_VALUE_SIZE, 0),
                parsed.number("keys", DEFAULT_KEYS, 1),
                json == null ? null : Path.of(json).toAbsolutePath(),
                parsed.has("profile"),
                Map.copyOf(parsed.settings()));
    }

    StoreOptions storeOptions(Path store) {
        // All pages stay in memory unless somebody wants it otherwise: this is about commits, not about misses.
        StoreOptions options = StoreOptions.at(store).with("buffer-pool.size", "256MiB");
        for (Map.Entry<String, String> setting : settings.entrySet()) {
            options = options.with(setting.getKey(), setting.getValue());
        }
        return options;
    }
}
