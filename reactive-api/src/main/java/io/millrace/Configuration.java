package io.millrace;

import io.millrace.error.InvalidConfigurationException;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;

/** The settings of one open store, checked; immutable once it is built from its sources. */
final class Configuration {
    static final String SYSTEM_PREFIX = "millrace.";

    private static final int MAX_DISTANCE = 6;
    private static final Map<String, Setting> BY_KEY = byKey();

    private final Map<Setting, String> given = new EnumMap<>(Setting.class);

    private Configuration() {}

    private static Map<String, Setting> byKey() {
        Map<String, Setting> settings = new HashMap<>();
        for (Setting setting : Setting.values()) {
            settings.put(setting.key(), setting);
        }
        return settings;
    }

    /**
     * The settings from these sources, the later ones stronger.
     *
     * @param file of the store's directory
     * @param options given by the program
     * @param system all system properties; those count that begin with {@value #SYSTEM_PREFIX} and name a group, or nearly so
     * @throws InvalidConfigurationException for an unknown key or a value that is not allowed
     */
    static Configuration of(Map<String, String> file, Map<String, String> options, Properties system) {
        Configuration configuration = new Configuration();
        file.forEach(configuration::set);
        options.forEach(configuration::set);
        for (String name : system.stringPropertyNames()) {
            if (name.startsWith(SYSTEM_PREFIX)) {
                String key = name.substring(SYSTEM_PREFIX.length());
                if (isMeantAsSetting(key)) {
                    configuration.set(key, system.getProperty(name));
                }
            }
        }
        return configuration;
    }

    /** Programs and tests have switches of their own below the prefix: a setting has the name of a group, give or take a letter. */
    private static boolean isMeantAsSetting(String key) {
        int dot = key.indexOf('.');
        for (Setting setting : Setting.values()) {
            String group = setting.key().substring(0, setting.key().indexOf('.'));
            if (dot > 0 && distance(key.substring(0, dot), group) <= Math.max(1, group.length() / 4)) {
                return true;
            }
        }
        return false;
    }

    private void set(String key, String value) {
        Setting setting = BY_KEY.get(key);
        if (setting == null) {
            throw new InvalidConfigurationException(key, value, null, nearestKey(key));
        }
        setting.check(value);
        given.put(setting, value);
    }

    /** Whether some source gives it. */
    boolean isGiven(Setting setting) {
        return given.containsKey(setting);
    }

    /** The value as it was written. */
    String text(Setting setting) {
        return given.getOrDefault(setting, setting.defaultValue()).strip();
    }

    /** Bytes, nanoseconds, or a count. */
    long number(Setting setting) {
        return setting.number(text(setting));
    }

    int count(Setting setting) {
        return Math.toIntExact(number(setting));
    }

    Duration duration(Setting setting) {
        return Duration.ofNanos(number(setting));
    }

    /** The known key that is most like {@code key}, null if none is. */
    static String nearestKey(String key) {
        String nearest = null;
        int least = Math.min(MAX_DISTANCE, Math.max(2, key.length() / 2)) + 1;
        for (Setting setting : Setting.values()) {
            int distance = distance(key, setting.key());
            if (distance < least) {
                least = distance;
                nearest = setting.key();
            }
        }
        return nearest;
    }

    /** Fewest insertions, deletions and replacements of a character (Levenshtein). */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.length()];
    }
}
