package io.millrace;

import java.util.Objects;

/**
 * A key and its value, as a scan emits them.
 *
 * @param <K> type of the key
 * @param <V> type of the value
 * @param key the key, never null
 * @param value the value, never null
 */
public record Entry<K, V>(K key, V value) {
    /** Neither may be null. */
    public Entry {
        Objects.requireNonNull(key, "key");
        Objects.requireNonNull(value, "value");
    }
}
