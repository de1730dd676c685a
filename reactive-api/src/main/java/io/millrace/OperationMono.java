package io.millrace;

import java.util.function.Function;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;

/** A cold Mono: each subscription is an operation of its own, which begins on the subscribing thread. */
final class OperationMono<T> extends Mono<T> {
    private final Function<CoreSubscriber<? super T>, SingleOperation<T>> operation;

    private OperationMono(Function<CoreSubscriber<? super T>, SingleOperation<T>> operation) {
        this.operation = operation;
    }

    static <T> Mono<T> of(Function<CoreSubscriber<? super T>, SingleOperation<T>> operation) {
        return onAssembly(new OperationMono<>(operation));
    }

    @Override
    public void subscribe(CoreSubscriber<? super T> actual) {
        SingleOperation<T> subscription = operation.apply(actual);
        actual.onSubscribe(subscription);
        subscription.subscribed();
    }
}
