package io.millrace;

import java.util.List;
import java.util.function.BiFunction;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * What can be done with a map: directly on an {@link OrderedMap}, where each operation is a transaction of its own, or, through {@link
 * OrderedMap#in}, inside a snapshot or transaction.
 *
 * <p>For every publisher here:
 *
 * <ul>
 *   <li><b>Start.</b> It is cold. Work starts when it is subscribed, on the subscribing thread, and each subscription does it anew. Arguments
 *       are checked then, too: a call never throws.
 *   <li><b>Threads.</b> What needed no wait (pages in memory, nothing written) signals on the subscribing thread; everything else on a
 *       completion worker of the store. Inside a transaction writes need no wait for the disk.
 *   <li><b>Demand.</b> A single result is worked out at once and held until it is requested. A scan reads no further than requested, and holds
 *       nothing but a snapshot in between.
 *   <li><b>Completion.</b> Outside a transaction, a write completes when it is durable, and no result rests on something that a crash could
 *       still undo.
 *   <li><b>Cancelling</b> a write outside a transaction undoes it if its log record has not been published yet; inside a transaction it dooms
 *       the transaction. Cancelling a read does nothing else.
 *   <li><b>Errors.</b> {@link NullPointerException} for a null key, value, range or function; {@link
 *       io.millrace.error.LimitExceededException} for a key that is empty or longer than 1/8 page or a value longer than {@code transaction.max-value-size}; whatever a
 *       codec or function throws; {@link io.millrace.error.StoreClosedException}; {@link io.millrace.error.StoreOverloadedException}; {@link
 *       io.millrace.error.CorruptPageException}; {@link io.millrace.error.StorageIoException}. Writes also: {@link
 *       io.millrace.error.StorageFullException}, {@link io.millrace.error.OutcomeUnknownException}. Writes inside a transaction also: {@link
 *       io.millrace.error.TransactionConflictException}, {@link io.millrace.error.DeadlockException}. Reads in a snapshot or transaction also: {@link
 *       io.millrace.error.SnapshotTooOldException}. In a snapshot or transaction that has ended: {@link IllegalStateException}. Writes
 *       wait for a transaction that holds the key, at most {@code transaction.lock-timeout}, then signal {@link
 *       io.millrace.error.LockTimeoutException}.
 * </ul>
 *
 * @param <K> type of the keys
 * @param <V> type of the values
 */
public interface MapOperations<K, V> {
    /** The value of {@code key}; empty if there is none. */
    Mono<V> get(K key);

    /**
     * The value of {@code key}; empty if there is none. Locks the key, there or not, for the transaction until it ends, as a write would, and waits
     * and fails as a write does. Outside a transaction {@link IllegalStateException}.
     */
    Mono<V> getForUpdate(K key);

    /** Whether {@code key} is there. */
    Mono<Boolean> containsKey(K key);

    /** Sets the value of {@code key}. */
    Mono<Void> put(K key, V value);

    /** Sets the value of {@code key} if it is not there. Emits whether it did. */
    Mono<Boolean> putIfAbsent(K key, V value);

    /**
     * Sets the value of {@code key} if its present value has the same bytes as {@code expected}. Emits whether it did.
     */
    Mono<Boolean> replace(K key, V expected, V value);

    /**
     * Sets the value of {@code key} to what {@code function} makes of the present one. It is given null if there is none; if it answers null,
     * the key is deleted. Emits the new value; empty if there is none.
     *
     * <p>The function runs on the subscribing thread or a completion worker and holds nothing up but this operation. Outside a transaction it
     * may run again after another write came between, never twice at once, and may see a value that a crash still undoes: keep it free of
     * side effects. What it throws is signalled, and nothing changes.
     */
    Mono<V> compute(K key, BiFunction<? super K, ? super V, ? extends V> function);

    /** Removes {@code key}. Emits whether it was there. */
    Mono<Boolean> delete(K key);

    /**
     * The entries of {@code range} in its order, all of one snapshot. Emits exactly what is requested. Outside a transaction the snapshot is
     * taken when this is subscribed and kept to the end or cancellation; inside one, the scan also sees what the transaction wrote before the
     * scan came to the place.
     */
    Flux<Entry<K, V>> scan(Range<K> range);

    /** Like {@link #scan}, in lists of 1 to {@code maxEntries} entries, which may be shorter than that at any place. */
    Flux<List<Entry<K, V>>> scanBatches(Range<K> range, int maxEntries);

    /** Number of entries in {@code range}. */
    Mono<Long> count(Range<K> range);

    /**
     * Removes all entries of {@code range}, all or none. Emits their number. Outside a transaction it runs like {@link Store#write}: again
     * after a conflict, with the same errors.
     */
    Mono<Long> deleteRange(Range<K> range);
}
