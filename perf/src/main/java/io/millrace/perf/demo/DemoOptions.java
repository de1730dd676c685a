package io.millrace.perf.demo;

import io.millrace.StoreOptions;
import io.millrace.perf.Arguments;
import io.millrace.perf.UsageException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the demo is to do.
 *
 * @param rounds how often to kill
 * @param seconds longest time until the kill
 * @param directory where the store lives, null for a temporary one
 * @param seed decides the moments of the kills and, in a new bank, the transfers
 * @param accounts number of accounts of a new bank
 * @param inFlight transfers in flight
 * @param settings settings of the store
 * @param killRecovery whether the JVMs that recover are killed too, in every other round
 */
record DemoOptions(
        int rounds,
        int seconds,
        Path directory,
        long seed,
        int accounts,
        int inFlight,
        Map<String, String> settings,
        boolean killRecovery) {
    private static final int DEFAULT_ROUNDS = 5;
    private static final int DEFAULT_SECONDS = 3;
    private static final int DEFAULT_ACCOUNTS = 10_000;
    private static final int DEFAULT_IN_FLIGHT = 128;
    private static final Set<String> NAMES =
            Set.of("rounds", "seconds", "directory", "seed", "accounts", "in-flight", "round", "acknowledged");
    private static final Set<String> FLAGS = Set.of("halt", "kill-recovery");
    private static final Map<String, String> NO_CHECKPOINTS =
            Map.of("checkpoint.interval", "24h", "checkpoint.log-bytes", "1TiB");

    static Arguments parse(List<String> arguments) {
        Arguments parsed = Arguments.parse(arguments, NAMES, FLAGS);
        if (!parsed.words().isEmpty()) {
            throw new UsageException(
                    "the demo does not know \"" + parsed.words().get(0) + "\"");
        }
        return parsed;
    }

    static DemoOptions of(Arguments arguments) {
        String directory = arguments.text("directory", null);
        return new DemoOptions(
                arguments.smallNumber("rounds", DEFAULT_ROUNDS, 1),
                arguments.smallNumber("seconds", DEFAULT_SECONDS, 1),
                directory == null ? null : Path.of(directory).toAbsolutePath(),
                arguments.number("seed", System.nanoTime() & Integer.MAX_VALUE, Long.MIN_VALUE),
                arguments.smallNumber("accounts", DEFAULT_ACCOUNTS, 2),
                arguments.smallNumber("in-flight", DEFAULT_IN_FLIGHT, 1),
                Map.copyOf(arguments.settings()),
                arguments.has("kill-recovery"));
    }

    DemoOptions in(Path place) {
        return new DemoOptions(rounds, seconds, place, seed, accounts, inFlight, settings, killRecovery);
    }

    /** The same with no checkpoint while the store is open, unless the user set when there is one: a long log makes a long recovery. */
    DemoOptions withoutCheckpoints() {
        Map<String, String> all = new HashMap<>(NO_CHECKPOINTS);
        all.putAll(settings);
        return new DemoOptions(rounds, seconds, directory, seed, accounts, inFlight, Map.copyOf(all), killRecovery);
    }

    StoreOptions storeOptions() {
        StoreOptions options = StoreOptions.at(directory);
        for (Map.Entry<String, String> setting : settings.entrySet()) {
            options = options.with(setting.getKey(), setting.getValue());
        }
        return options;
    }

    /** The arguments that make a child JVM work with the same store. */
    List<String> forChild(String mode) {
        List<String> arguments = new ArrayList<>(List.of(
                "demo",
                mode,
                "--directory",
                directory.toString(),
                "--seed",
                Long.toString(seed),
                "--accounts",
                Integer.toString(accounts),
                "--in-flight",
                Integer.toString(inFlight)));
        settings.forEach((key, value) -> arguments.addAll(List.of("-p", key + "=" + value)));
        return arguments;
    }
}
