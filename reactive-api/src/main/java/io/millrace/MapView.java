package io.millrace;

import io.millrace.btree.TreeRef;
import io.millrace.btree.WriteMode;
import io.millrace.txn.Workspace;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.reactivestreams.Publisher;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** A map's operations in one place: outside, in a snapshot or in a transaction. */
final class MapView<K, V> implements OrderedMap<K, V> {
    private static final int INSERTS_PREFETCHED = 32;

    private final StoreEngine store;
    private final MapAccess<K, V> map;
    private final Scope scope;
    private final GetOperation.Answer<V> value;

    MapView(StoreEngine store, MapAccess<K, V> map, Scope scope) {
        this.store = store;
        this.map = map;
        this.scope = scope;
        value = new ValueAnswer<>(map);
    }

    @Override
    public String name() {
        return map.name();
    }

    @Override
    public MapOperations<K, V> in(Snapshot snapshot) {
        return map(store.scopeOf(snapshot));
    }

    private MapView<K, V> map(Scope where) {
        return new MapView<>(store, map, where);
    }

    @Override
    public Mono<Long> estimateCount(Range<K> range) {
        return OperationMono.of(actual -> new EstimateOperation<>(store, scope, map, range, actual));
    }

    @Override
    public Mono<Long> load(Publisher<? extends Entry<K, V>> entries) {
        return Mono.create(sink -> {
            TreeRef tree;
            try {
                MapAccess.notNull(entries, "the publisher of the entries");
                tree = map.tree();
            } catch (RuntimeException flaw) {
                sink.error(flaw);
                return;
            }
            if (tree != null) {
                Disposable inserting = insertAll(entries).subscribe(sink::success, sink::error);
                sink.onDispose(inserting);
            } else if (store.gate().enter()) {
                Load.start(store, map, entries, sink);
            } else {
                sink.error(store.closedError());
            }
        });
    }

    /** What is there already is not built anew. */
    private Mono<Long> insertAll(Publisher<? extends Entry<K, V>> entries) {
        return store.runner().write(TransactionOptions.defaults().retries(0), transaction -> {
            MapView<K, V> inside = map(store.scopeOf(transaction));
            return Flux.from(entries)
                    .concatMap(entry -> inside.put(entry.key(), entry.value()).thenReturn(entry), INSERTS_PREFETCHED)
                    .count();
        });
    }

    @Override
    public Mono<V> get(K key) {
        return OperationMono.of(actual -> new GetOperation<>(store, scope, map, key, value, actual));
    }

    /** The value. */
    private record ValueAnswer<V>(MapAccess<?, V> map) implements GetOperation.Answer<V> {
        @Override
        public V of(Workspace workspace) {
            return workspace.found ? map.result(workspace) : null;
        }

        @Override
        public boolean readsLong() {
            return true;
        }

        @Override
        public V ofLong(byte[] value) {
            return map.decodeLong(value);
        }
    }

    @Override
    public Mono<V> getForUpdate(K key) {
        return OperationMono.of(actual -> new GetForUpdateOperation<>(store, scope, map, key, actual));
    }

    @Override
    public Mono<Boolean> containsKey(K key) {
        return OperationMono.of(
                actual -> new GetOperation<>(store, scope, map, key, workspace -> workspace.found, actual));
    }

    @Override
    public Mono<Void> put(K key, V value) {
        return write(WriteMode.PUT, key, null, value, (found, written) -> null);
    }

    @Override
    public Mono<Boolean> putIfAbsent(K key, V value) {
        return write(WriteMode.PUT_IF_ABSENT, key, null, value, (found, written) -> written);
    }

    @Override
    public Mono<Boolean> replace(K key, V expected, V value) {
        return write(WriteMode.REPLACE, key, expected, value, (found, written) -> written);
    }

    @Override
    public Mono<Boolean> delete(K key) {
        return write(WriteMode.DELETE, key, null, null, (found, written) -> found);
    }

    private <T> Mono<T> write(WriteMode mode, K key, V expected, V value, WriteOperation.Answer<T> answer) {
        WriteOperation.Request<K, V> request = new WriteOperation.Request<>(map, mode, key, expected, value);
        return OperationMono.of(actual -> new WriteOperation<>(store, scope, request, answer, actual));
    }

    @Override
    public Mono<V> compute(K key, BiFunction<? super K, ? super V, ? extends V> function) {
        return OperationMono.of(actual -> new ComputeOperation<>(store, scope, map, key, function, actual));
    }

    @Override
    public Flux<Entry<K, V>> scan(Range<K> range) {
        return ScanFlux.entries(store, scope, map, range);
    }

    @Override
    public Flux<List<Entry<K, V>>> scanBatches(Range<K> range, int maxEntries) {
        return ScanFlux.batches(store, scope, map, range, maxEntries);
    }

    @Override
    public Mono<Long> count(Range<K> range) {
        return keptScope(where -> count(where, range));
    }

    /** Runs an operation of several steps, over a snapshot of its own where the scope has none. */
    private Mono<Long> keptScope(Function<Scope, Mono<Long>> operation) {
        if (scope.isRegistered()) {
            return operation.apply(scope);
        }
        return Mono.usingWhen(
                store.runner().snapshot(),
                snapshot -> operation.apply(scope.over(snapshot)),
                StoreSnapshot::closed,
                (snapshot, failure) -> snapshot.closed(),
                StoreSnapshot::closed);
    }

    private Mono<Long> count(Scope where, Range<K> range) {
        return OperationMono.of(actual -> new CountOperation<>(store, where, map, range, actual));
    }

    @Override
    public Mono<Long> deleteRange(Range<K> range) {
        if (scope instanceof OutsideScope) {
            return store.runner()
                    .write(
                            TransactionOptions.defaults(),
                            transaction -> map(store.scopeOf(transaction)).deleteRange(range));
        }
        return keptScope(where -> deleteRange(where, range));
    }

    private Mono<Long> deleteRange(Scope where, Range<K> range) {
        return OperationMono.of(actual -> new DeleteRangeOperation<>(store, where, map, range, actual));
    }
}
