package io.millrace;

import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;

/** A cold Flux: each subscription reads the log by itself. */
final class ChangesFlux extends Flux<Commit> {
    private final StoreEngine store;
    private final long afterLsn;

    private ChangesFlux(StoreEngine store, long afterLsn) {
        this.store = store;
        this.afterLsn = afterLsn;
    }

    static Flux<Commit> of(StoreEngine store, long afterLsn) {
        return onAssembly(new ChangesFlux(store, afterLsn));
    }

    @Override
    public void subscribe(CoreSubscriber<? super Commit> actual) {
        ChangesSubscription subscription = new ChangesSubscription(store, afterLsn, actual);
        actual.onSubscribe(subscription);
        subscription.subscribed();
    }
}
