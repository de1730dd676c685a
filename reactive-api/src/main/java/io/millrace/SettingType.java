package io.millrace;

import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How the value of a setting is written. Everything but a choice is a number in the end: bytes, nanoseconds, a count. */
enum SettingType {
    /** Bytes, with a unit. */
    SIZE(
            Map.of("b", 1L, "", 1L, "kib", 1L << 10, "mib", 1L << 20, "gib", 1L << 30, "tib", 1L << 40),
            "a size like 512KiB, 64MiB, 2GiB") {
        @Override
        String print(long number) {
            return printWith(
                    number,
                    new String[] {"TiB", "GiB", "MiB", "KiB"},
                    new long[] {1L << 40, 1L << 30, 1L << 20, 1L << 10},
                    "B");
        }
    },
    /** Nanoseconds, with a unit. */
    DURATION(
            Map.of(
                    "ns", 1L,
                    "us", 1_000L,
                    "ms", 1_000_000L,
                    "s", 1_000_000_000L,
                    "m", 60_000_000_000L,
                    "min", 60_000_000_000L,
                    "h", 3_600_000_000_000L),
            "a duration like 500us, 5ms, 30s, 5m, 1h") {
        @Override
        String print(long number) {
            Duration duration = Duration.ofNanos(number);
            long[] units = {3_600_000_000_000L, 60_000_000_000L, 1_000_000_000L, 1_000_000L, 1_000L};
            return duration.isZero() ? "0s" : printWith(number, new String[] {"h", "m", "s", "ms", "us"}, units, "ns");
        }
    },
    /** A whole number. */
    COUNT(Map.of("", 1L), "a whole number") {
        @Override
        String print(long number) {
            return Long.toString(number);
        }
    },
    /** One of several words. */
    CHOICE(Map.of(), "a word") {
        @Override
        String print(long number) {
            throw new IllegalStateException("a choice is no number");
        }
    };

    private static final Pattern NUMBER = Pattern.compile("(\\d{1,18})\\s*([a-zA-Z]*)");

    private final Map<String, Long> units;
    private final String shape;

    SettingType(Map<String, Long> units, String shape) {
        this.units = units;
        this.shape = shape;
    }

    abstract String print(long number);

    /** How it is written, in words. */
    String shape() {
        return shape;
    }

    /** The number {@code text} stands for, or -1 if it stands for none. */
    long parse(String text) {
        Matcher matcher = NUMBER.matcher(text.strip());
        Long unit = matcher.matches() ? units.get(matcher.group(2).toLowerCase(Locale.ROOT)) : null;
        if (unit == null) {
            return -1;
        }
        try {
            return Math.multiplyExact(Long.parseLong(matcher.group(1)), unit);
        } catch (ArithmeticException tooLarge) {
            return -1;
        }
    }

    private static String printWith(long number, String[] names, long[] units, String smallest) {
        for (int i = 0; i < units.length; i++) {
            if (number >= units[i] && number % units[i] == 0) {
                return number / units[i] + names[i];
            }
        }
        return number + smallest;
    }
}
