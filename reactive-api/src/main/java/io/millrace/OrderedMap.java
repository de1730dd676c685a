package io.millrace;

/**
 * A named, durable, ordered map of a store; a cheap handle. The map comes into being with its first write. The operations it inherits run each
 * in a transaction of its own; those of {@link #in} run in a snapshot or transaction.
 *
 * <p>Handles of one name share the data: their codecs must agree.
 *
 * @param <K> type of the keys
 * @param <V> type of the values
 */
public interface OrderedMap<K, V> extends MapOperations<K, V> {
    /** The name. */
    String name();

    /**
     * The same operations inside {@code snapshot}, which may be a {@link Transaction}. Writes in a snapshot that is none signal {@link
     * IllegalStateException}.
     */
    MapOperations<K, V> in(Snapshot snapshot);
}
