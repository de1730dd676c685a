package io.millrace.perf;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Numbers as people write them: {@code 10M} keys, {@code 1KiB}. */
public final class Quantity {
    private static final Pattern TEXT = Pattern.compile("(\\d+)(k|K|M|G|B|KiB|MiB|GiB)?");
    private static final Map<String, Long> UNITS = Map.of(
            "k", 1000L,
            "K", 1000L,
            "M", 1_000_000L,
            "G", 1_000_000_000L,
            "B", 1L,
            "KiB", 1L << 10,
            "MiB", 1L << 20,
            "GiB", 1L << 30);

    private Quantity() {}

    /** The number that {@code text} says; {@code name} is the option it was given with. */
    public static long parse(String name, String text) {
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            throw new UsageException("--" + name + " needs a number like 50000, 10M or 1KiB, not \"" + text + "\"");
        }
        try {
            long unit = matcher.group(2) == null ? 1 : UNITS.get(matcher.group(2));
            return Math.multiplyExact(Long.parseLong(matcher.group(1)), unit);
        } catch (NumberFormatException | ArithmeticException e) {
            throw new UsageException("--" + name + " is too large: " + text);
        }
    }
}
