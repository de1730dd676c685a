package io.millrace;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;

/**
 * Which store to open, and settings for it; immutable. The keys are those of {@code docs/configuration.md}; they are checked when the store is
 * opened. Of several sources the later one wins: defaults, {@code millrace.properties} in the store's directory, these options, system
 * properties ({@code millrace.} before the key).
 */
public final class StoreOptions {
    private final Path directory;
    private final Map<String, String> settings;

    private StoreOptions(Path directory, Map<String, String> settings) {
        this.directory = directory;
        this.settings = settings;
    }

    /** The store in this directory, which is created if missing. */
    public static StoreOptions at(Path directory) {
        return new StoreOptions(Objects.requireNonNull(directory, "directory"), Map.of());
    }

    /** With one setting, for example {@code with("buffer-pool.size", "256MiB")}. */
    public StoreOptions with(String key, String value) {
        Objects.requireNonNull(key, "key");
        Objects.requireNonNull(value, "value");
        Map<String, String> extended = new LinkedHashMap<>(settings);
        extended.put(key, value);
        return new StoreOptions(directory, extended);
    }

    /** With several settings; defaults inside {@code properties} count too. */
    public StoreOptions with(Properties properties) {
        Map<String, String> extended = new LinkedHashMap<>(settings);
        for (String key : properties.stringPropertyNames()) {
            extended.put(key, properties.getProperty(key));
        }
        return new StoreOptions(directory, extended);
    }

    /** The directory. */
    public Path directory() {
        return directory;
    }

    Map<String, String> settings() {
        return settings;
    }
}
