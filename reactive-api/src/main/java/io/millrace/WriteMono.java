package io.millrace;

import java.util.function.Function;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;

/** Runs a function in a transaction and commits it; each subscription is a {@link WriteRun} of its own. */
final class WriteMono<R> extends Mono<R> {
    private final StoreEngine store;
    private final TransactionOptions options;
    private final Function<? super Transaction, ? extends Mono<R>> work;

    private WriteMono(
            StoreEngine store, TransactionOptions options, Function<? super Transaction, ? extends Mono<R>> work) {
        this.store = store;
        this.options = options;
        this.work = work;
    }

    static <R> Mono<R> of(
            StoreEngine store, TransactionOptions options, Function<? super Transaction, ? extends Mono<R>> work) {
        return onAssembly(new WriteMono<>(store, options, work));
    }

    @Override
    public void subscribe(CoreSubscriber<? super R> actual) {
        WriteRun<R> run = new WriteRun<>(store, options, work, actual);
        actual.onSubscribe(run);
        run.start();
    }
}
