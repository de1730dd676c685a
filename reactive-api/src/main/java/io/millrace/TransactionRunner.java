package io.millrace;

import io.millrace.error.LimitExceededException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Runs functions in transactions and snapshots: begin, work, commit, roll back, try again, each as one pipeline. */
final class TransactionRunner {
    private final StoreEngine store;

    TransactionRunner(StoreEngine store) {
        this.store = store;
    }

    /** A transaction that the subscriber has to end. */
    Mono<StoreTransaction> begin(TransactionOptions options) {
        return Mono.create(sink -> {
            StoreTransaction transaction;
            try {
                transaction = StoreTransaction.begin(store, MapAccess.notNull(options, "the options"), null);
            } catch (RuntimeException failure) {
                sink.error(failure);
                return;
            }
            sink.onCancel(() -> transaction.abort(new IllegalStateException("the begin was cancelled")));
            sink.success(transaction);
        });
    }

    /** A snapshot that the subscriber has to close. */
    Mono<StoreSnapshot> snapshot() {
        return Mono.create(sink -> {
            StoreSnapshot snapshot;
            try {
                snapshot = StoreSnapshot.open(store);
            } catch (RuntimeException failure) {
                sink.error(failure);
                return;
            }
            sink.onCancel(snapshot::close);
            sink.success(snapshot);
        });
    }

    <R> Mono<R> write(TransactionOptions options, Function<? super Transaction, ? extends Mono<R>> work) {
        return WriteMono.of(store, options, work);
    }

    <R> Flux<R> writeMany(TransactionOptions options, Function<? super Transaction, ? extends Publisher<R>> work) {
        return Flux.defer(() -> {
            MapAccess.notNull(work, "the function");
            return write(
                            options,
                            transaction ->
                                    collect(MapAccess.notNull(work.apply(transaction), "what the function returned")))
                    .flatMapIterable(Function.identity());
        });
    }

    private <R> Mono<List<R>> collect(Publisher<R> values) {
        long limit = store.maxResults();
        return Flux.from(values).collect(ArrayList::new, (list, value) -> {
            if (list.size() >= limit) {
                throw new LimitExceededException("values of one writeMany (transaction.max-results)", limit, limit + 1);
            }
            list.add(value);
        });
    }

    <R> Flux<R> read(TransactionOptions options, Function<? super Snapshot, ? extends Publisher<R>> work) {
        return Flux.usingWhen(
                snapshot(),
                snapshot -> {
                    MapAccess.notNull(options, "the options");
                    MapAccess.notNull(work, "the function");
                    Flux<R> values = Flux.from(MapAccess.notNull(work.apply(snapshot), "what the function returned"));
                    return options.timeout() == null ? values : values.takeUntilOther(overdue(options.timeout()));
                },
                StoreSnapshot::closed,
                (snapshot, failure) -> snapshot.closed(),
                StoreSnapshot::closed);
    }

    private Mono<Void> overdue(Duration timeout) {
        return Mono.create(sink -> {
            LimitExceededException failure = new LimitExceededException(
                    "duration of a read in milliseconds", timeout.toMillis(), timeout.toMillis() + 1);
            Timer.Alarm alarm =
                    store.timer().set(timeout.toNanos(), () -> store.workers().execute(() -> sink.error(failure)));
            sink.onDispose(alarm::cancel);
        });
    }
}
