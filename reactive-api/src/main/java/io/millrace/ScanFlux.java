package io.millrace;

import java.util.List;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Operators;

/** A cold Flux: each subscription is a scan of its own. */
final class ScanFlux<K, V, T> extends Flux<T> {
    private final StoreEngine store;
    private final Scope scope;
    private final MapAccess<K, V> map;
    private final Range<K> range;
    private final int batch;
    private final ScanSubscription.Form<K, V, T> form;

    private ScanFlux(
            StoreEngine store,
            Scope scope,
            MapAccess<K, V> map,
            Range<K> range,
            int batch,
            ScanSubscription.Form<K, V, T> form) {
        this.store = store;
        this.scope = scope;
        this.map = map;
        this.range = range;
        this.batch = batch;
        this.form = form;
    }

    static <K, V> Flux<Entry<K, V>> entries(StoreEngine store, Scope scope, MapAccess<K, V> map, Range<K> range) {
        return onAssembly(new ScanFlux<>(store, scope, map, range, store.prefetch(), ScanSubscription.single()));
    }

    static <K, V> Flux<List<Entry<K, V>>> batches(
            StoreEngine store, Scope scope, MapAccess<K, V> map, Range<K> range, int batch) {
        return onAssembly(new ScanFlux<>(store, scope, map, range, batch, ScanSubscription.lists()));
    }

    @Override
    public void subscribe(CoreSubscriber<? super T> actual) {
        StoreSnapshot own = null;
        try {
            if (!scope.isRegistered()) {
                own = StoreSnapshot.open(store);
            }
        } catch (RuntimeException failure) {
            Operators.error(actual, failure);
            return;
        }
        ScanSubscription<K, V, T> subscription = new ScanSubscription<>(
                store, own == null ? scope : scope.over(own), own, map, range, batch, form, actual);
        subscription.prepare();
        actual.onSubscribe(subscription);
        subscription.subscribed();
    }
}
