package io.millrace.perf.recovery;

import io.millrace.StoreOptions;
import io.millrace.perf.Arguments;
import io.millrace.perf.Quantity;
import io.millrace.perf.UsageException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What to measure; the parent's command line and that of its children.
 *
 * @param logBytes how long the log is to be, one measurement each
 * @param keys number of keys, all of which are there before the log is written
 * @param valueSize bytes of a value
 * @param inFlight updates in flight while the log is written
 * @param killUnderLoad whether to kill under full load instead
 * @param rounds how often to kill under load
 * @param seconds longest life before a kill under load
 * @param profile whether to record a profile of each reopening
 * @param directory where to put the stores, or the store itself for a child; null for a temporary directory
 * @param settings settings of the store
 */
record RecoveryOptions(
        List<Long> logBytes,
        long keys,
        int valueSize,
        int inFlight,
        boolean killUnderLoad,
        int rounds,
        int seconds,
        boolean profile,
        Path directory,
        Map<String, String> settings) {
    private static final String LOG = "log";
    private static final String KILL_UNDER_LOAD = "kill-under-load";
    private static final String PROFILE = "profile";
    private static final Set<String> VALUED =
            Set.of(LOG, "keys", "value-size", "in-flight", "rounds", "seconds", "directory");
    private static final Set<String> FLAGS = Set.of(KILL_UNDER_LOAD, PROFILE);

    static RecoveryOptions parse(List<String> arguments) {
        Arguments parsed = Arguments.parse(arguments, VALUED, FLAGS);
        if (!parsed.words().isEmpty()) {
            throw new UsageException(
                    "bench recovery does not know \"" + parsed.words().get(0) + "\"");
        }
        String directory = parsed.text("directory", null);
        return new RecoveryOptions(
                sizes(parsed.text(LOG, "256MiB,512MiB,1GiB")),
                Math.max(1, Quantity.parse("keys", parsed.text("keys", "500k"))),
                (int) Math.min(Integer.MAX_VALUE, Quantity.parse("value-size", parsed.text("value-size", "100"))),
                parsed.smallNumber("in-flight", 2048, 1),
                parsed.has(KILL_UNDER_LOAD),
                parsed.smallNumber("rounds", 5, 1),
                parsed.smallNumber("seconds", 10, 1),
                parsed.has(PROFILE),
                directory == null ? null : Path.of(directory).toAbsolutePath(),
                Map.copyOf(parsed.settings()));
    }

    private static List<Long> sizes(String text) {
        return Arrays.stream(text.split(",", -1))
                .map(size -> Quantity.parse(LOG, size.strip()))
                .toList();
    }

    /** The command line of a child that works on one store. */
    List<String> forChild(String command, Path store, long log) {
        List<String> arguments = new ArrayList<>(List.of("bench", command, "--directory", store.toString()));
        arguments.addAll(List.of("--log", Long.toString(log), "--keys", Long.toString(keys)));
        arguments.addAll(List.of("--value-size", Integer.toString(valueSize)));
        arguments.addAll(List.of("--in-flight", Integer.toString(inFlight)));
        if (killUnderLoad) {
            arguments.add("--" + KILL_UNDER_LOAD);
        }
        if (profile) {
            arguments.add("--" + PROFILE);
        }
        settings.forEach((key, value) -> arguments.addAll(List.of("-p", key + "=" + value)));
        return arguments;
    }

    /** For the store of a child: everything fits into memory; unless it is killed under load, no checkpoint shortens the log. */
    StoreOptions storeOptions(Path store) {
        StoreOptions options = StoreOptions.at(store).with("buffer-pool.size", "512MiB");
        if (killUnderLoad) {
            options = options.with("checkpoint.target-recovery-time", "2s").with("checkpoint.log-bytes", "1TiB");
        } else {
            options = options.with("checkpoint.target-recovery-time", "24h")
                    .with("checkpoint.log-bytes", "1TiB")
                    .with("checkpoint.interval", "24h");
        }
        for (Map.Entry<String, String> setting : settings.entrySet()) {
            options = options.with(setting.getKey(), setting.getValue());
        }
        return options;
    }
}
