package io.millrace;

import org.reactivestreams.Publisher;
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
     * Fills the map, all or nothing, with what {@code entries} emits; emits how many that were, once they are durable. Of several entries with one
     * key the last one counts.
     *
     * <p>If the map does not exist yet, it is built as a whole: entries in key order go straight into full pages; those that are not are sorted
     * first, within {@code load.sort-memory} and then in temporary files of {@code load.sort-disk} at most. Nobody sees the map before its end.
     * A crash leaves nothing of it. If somebody else creates the map meanwhile, {@link io.millrace.error.TransactionConflictException}.
     *
     * <p>If the map exists, even empty, the entries are put into it in one transaction, which is not repeated after a conflict and whose
     * limits apply: {@code transaction.timeout}, and {@code transaction.max-version-memory} for what it writes.
     *
     * <p>Work starts with the subscription. {@code entries} is subscribed to once, and asked for a bounded number at a time; its entries are encoded on its
     * own threads. The result comes on a completion worker. Cancelling cancels {@code entries}, too, and undoes everything unless the map has its
     * name already. Errors of {@code entries} and of codecs are passed on; otherwise as those of a write outside a transaction.
     */
    Mono<Long> load(Publisher<? extends Entry<K, V>> entries);

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
