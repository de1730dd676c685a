package io.millrace;

import reactor.core.publisher.Mono;

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

    /**
     * About how many entries {@code range} has, at the cost of two look-ups: the leaves at its two ends are counted, what lies in between is
     * taken to be as full as the pages seen on the way. Exact if the range lies in one leaf or two neighbours. Otherwise it is as wrong as the
     * pages in between are fuller or emptier than those at the ends: by a tenth or two for keys that came in random order, by a factor of two for
     * each level of the tree at worst. Entries count as they stand in the leaves, written by a transaction that still runs or not.
     *
     * <p>Starts, signals and fails as a read of {@link MapOperations} outside a transaction does; not bound to any snapshot.
     */
    Mono<Long> estimateCount(Range<K> range);
}
