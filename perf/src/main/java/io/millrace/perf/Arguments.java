package io.millrace.perf;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A parsed command line: options {@code --name value} or {@code --name=value}, flags {@code --name}, store settings {@code -p key=value}, and
 * the words that are none of these. The last of several equal options wins.
 */
public final class Arguments {
    private final Map<String, String> options = new HashMap<>();
    private final Map<String, String> settings = new LinkedHashMap<>();
    private final List<String> words = new ArrayList<>();

    private Arguments() {}

    /**
     * Parses.
     *
     * @param valued names of the options that take a value, without dashes
     * @param flags names of those that take none
     * @throws UsageException for an unknown option, or one without its value
     */
    public static Arguments parse(List<String> arguments, Set<String> valued, Set<String> flags) {
        Arguments parsed = new Arguments();
        for (int i = 0; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            if (argument.equals("-p")) {
                parsed.addSetting(valueAfter(arguments, i++, "-p"));
            } else if (argument.startsWith("--")) {
                int equals = argument.indexOf('=');
                String name = equals < 0 ? argument.substring(2) : argument.substring(2, equals);
                if (flags.contains(name) && equals < 0) {
                    parsed.options.put(name, "");
                } else if (valued.contains(name)) {
                    parsed.options.put(
                            name, equals < 0 ? valueAfter(arguments, i++, argument) : argument.substring(equals + 1));
                } else {
                    throw new UsageException("unknown option: " + argument);
                }
            } else if (argument.startsWith("-")) {
                throw new UsageException("unknown option: " + argument);
            } else {
                parsed.words.add(argument);
            }
        }
        return parsed;
    }

    private static String valueAfter(List<String> arguments, int index, String name) {
        if (index + 1 >= arguments.size()) {
            throw new UsageException(name + " needs a value");
        }
        return arguments.get(index + 1);
    }

    private void addSetting(String text) {
        int equals = text.indexOf('=');
        if (equals <= 0) {
            throw new UsageException("-p needs key=value, not " + text);
        }
        settings.put(text.substring(0, equals), text.substring(equals + 1));
    }

    /** Whether the option or flag was given. */
    public boolean has(String name) {
        return options.containsKey(name);
    }

    /** The value of an option, or {@code absent}, which may be null. */
    public String text(String name, String absent) {
        return options.getOrDefault(name, absent);
    }

    /** The value of an option as a number of at least {@code min}, or {@code absent}. */
    public long number(String name, long absent, long min) {
        String text = options.get(name);
        return text == null ? absent : number("--" + name, text, min);
    }

    /** {@link #number} for an {@code int}. */
    public int smallNumber(String name, int absent, int min) {
        long value = number(name, absent, min);
        if (value > Integer.MAX_VALUE) {
            throw new UsageException("--" + name + " must be at most " + Integer.MAX_VALUE + ", not " + value);
        }
        return (int) value;
    }

    /** The value of an option as numbers separated by commas, each at least {@code min}, or {@code absent}. */
    public List<Integer> numbers(String name, List<Integer> absent, int min) {
        String text = options.get(name);
        if (text == null) {
            return absent;
        }
        List<Integer> numbers = new ArrayList<>();
        for (String part : text.split(",", -1)) {
            long value = number("--" + name, part.strip(), min);
            if (value > Integer.MAX_VALUE) {
                throw new UsageException("--" + name + " must be at most " + Integer.MAX_VALUE + ", not " + value);
            }
            numbers.add((int) value);
        }
        return List.copyOf(numbers);
    }

    private static long number(String name, String text, long min) {
        long value;
        try {
            value = Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new UsageException(name + " needs a number, not \"" + text + "\"");
        }
        if (value < min) {
            throw new UsageException(name + " must be at least " + min + ", not " + value);
        }
        return value;
    }

    /** The store settings given with {@code -p}, in their order. */
    public Map<String, String> settings() {
        return settings;
    }

    /** The words that are no options, in their order. */
    public List<String> words() {
        return words;
    }
}
