package io.millrace;

import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How the value of a setting is written. Everything but a choice is a number in the end: bytes, nanoseconds, a count. */
enum SettingType {
    /** Bytes, with a unit. */
    SIZE("a size like 512KiB, 64MiB, 2GiB") {
        @Override
        long unit(String name) {
            return switch (name) {
                case "", "b" -> 1;
                case "kib" -> 1L << 10;
                case "mib" -> 1L << 20;
                case "gib" -> 1L << 30;
                case "tib" -> 1L << 40;
                default -> 0;
            };
        }

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
    DURATION("a duration like 500us, 5ms, 30s, 5m, 1h") {
        @Override
        long unit(String name) {
            return switch (name) {
                case "ns" -> 1;
                case "us" -> 1_000;
                case "ms" -> 1_000_000;
                case "s" -> 1_000_000_000;
                case "m", "min" -> 60_000_000_000L;
                case "h" -> 3_600_000_000_000L;
                default -> 0;
            };
        }

        @Override
        String print(long number) {
            Duration duration = Duration.ofNanos(number);
            long[] units = {3_600_000_000_000L, 60_000_000_000L, 1_000_000_000L, 1_000_000L, 1_000L};
            return duration.isZero() ? "0s" : printWith(number, new String[] {"h", "m", "s", "ms", "us"}, units, "ns");
        }
    },
    /** A whole number. */
    COUNT("a whole number") {
        @Override
        long unit(String name) {
            return name.isEmpty() ? 1 : 0;
        }

        @Override
        String print(long number) {
            return Long.toString(number);
        }
    },
    /** A directory of the file system; nothing for none. */
    PATH("an absolute path") {
        @Override
        long unit(String name) {
            return 0;
        }

        @Override
        String print(long number) {
            throw new IllegalStateException("a path is no number");
        }
    },
    /** One of several words. */
    CHOICE("a word") {
        @Override
        long unit(String name) {
            return 0;
        }

        @Override
        String print(long number) {
            throw new IllegalStateException("a choice is no number");
        }
    };

    private static final Pattern NUMBER = Pattern.compile("(\\d{1,18})\\s*([a-zA-Z]*)");

    private final String shape;

    SettingType(String shape) {
        this.shape = shape;
    }

    /** What the unit {@code name}, in small letters, stands for; 0 if it is none. */
    abstract long unit(String name);

    /** As one would write it. */
    abstract String print(long number);

    /** How it is written, in words. */
    String shape() {
        return shape;
    }

    /** The number {@code text} stands for, or -1 if it stands for none. */
    long parse(String text) {
        Matcher matcher = NUMBER.matcher(text.strip());
        long unit = matcher.matches() ? unit(matcher.group(2).toLowerCase(Locale.ROOT)) : 0;
        if (unit == 0) {
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
