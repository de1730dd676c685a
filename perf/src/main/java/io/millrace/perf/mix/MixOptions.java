package io.millrace.perf.mix;

import io.millrace.perf.Arguments;
import io.millrace.perf.Quantity;
import io.millrace.perf.UsageException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What to generate.
 *
 * @param readPercent share of point reads
 * @param scanPercent share of scans; the rest is puts
 * @param scanLength entries of a scan
 * @param valueSize bytes of a value
 * @param keys number of keys
 * @param zipf skew, 0 for none
 * @param rate operations per second
 * @param seconds how long
 * @param warmUpSeconds how long before that, at the same rate and not counted
 * @param directory where the store lies or is made; null for a temporary one
 * @param profile whether to record a profile
 * @param settings of the store
 */
record MixOptions(
        int readPercent,
        int scanPercent,
        int scanLength,
        int valueSize,
        long keys,
        double zipf,
        double rate,
        int seconds,
        int warmUpSeconds,
        Path directory,
        boolean profile,
        Map<String, String> settings) {
    private static final Set<String> VALUED = Set.of(
            "reads", "scan", "scan-length", "value-size", "keys", "zipf", "rate", "seconds", "warm-up", "directory");
    private static final int PERCENT = 100;

    static MixOptions parse(List<String> arguments) {
        Arguments parsed = Arguments.parse(arguments, VALUED, Set.of("profile"));
        if (!parsed.words().isEmpty()) {
            throw new UsageException(
                    "bench mix does not know \"" + parsed.words().get(0) + "\"");
        }
        int reads = parsed.smallNumber("reads", 80, 0);
        int scans = parsed.smallNumber("scan", 5, 0);
        if (reads + scans > PERCENT) {
            throw new UsageException("--reads and --scan are percentages, together at most 100");
        }
        String directory = parsed.text("directory", null);
        return new MixOptions(
                reads,
                scans,
                parsed.smallNumber("scan-length", 100, 1),
                (int) quantity(parsed, "value-size", "100", Integer.MAX_VALUE),
                quantity(parsed, "keys", "100000", Long.MAX_VALUE),
                fraction(parsed.text("zipf", "0.99")),
                quantity(parsed, "rate", "10000", Integer.MAX_VALUE),
                parsed.smallNumber("seconds", 10, 1),
                parsed.smallNumber("warm-up", 3, 0),
                directory == null ? null : Path.of(directory).toAbsolutePath(),
                parsed.has("profile"),
                Map.copyOf(parsed.settings()));
    }

    private static long quantity(Arguments parsed, String name, String absent, long most) {
        long value = Quantity.parse(name, parsed.text(name, absent));
        if (value < 1 || value > most) {
            throw new UsageException("--" + name + " must lie between 1 and " + most + ", not " + value);
        }
        return value;
    }

    private static double fraction(String text) {
        try {
            double theta = Double.parseDouble(text);
            if (theta >= 0 && theta < 1) {
                return theta;
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw new UsageException("--zipf must be at least 0 and less than 1, not " + text);
    }
}
