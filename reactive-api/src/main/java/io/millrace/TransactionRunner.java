package io.millrace;

import io.millrace.error.LimitExceededException;
import io.millrace.error.MillraceException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.util.retry.Retry;

/** Runs functions in transactions and snapshots: begin, work, commit, roll back, try again, each as one pipeline. */
final class TransactionRunner {
    private static final long FIRST_PAUSE_NANOS = TimeUnit.MICROSECONDS.toNanos(200);
    private static final long LONGEST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final int MAX_DOUBLINGS = 9;

    private final StoreEngine store;

    TransactionRunner(StoreEngine store) {
        this.store = store;
    }

    /** A transaction that the subscriber has to end; {@code place} is its place in the lines for hot keys, null if it is run once only. */
    Mono<StoreTransaction> begin(TransactionOptions options, ContentionLines.Place place) {
        return Mono.create(sink -> {
            StoreTransaction transaction;
            try {
                transaction = StoreTransaction.begin(store, MapAccess.notNull(options, "the options"), place);
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
        return Mono.defer(() -> {
            MapAccess.notNull(options, "the options");
            MapAccess.notNull(work, "the function");
            int retries = options.retries() >= 0 ? options.retries() : store.transactionRetries();
            ContentionLines.Place place = new ContentionLines.Place();
            return Mono.defer(() -> attempt(options, work, place))
                    .retryWhen(Retry.from(failures -> failures.concatMap(failure -> pause(failure, retries, place))))
                    .doFinally(end -> store.lines().leave(place));
        });
    }

    private <R> Mono<R> attempt(
            TransactionOptions options,
            Function<? super Transaction, ? extends Mono<R>> work,
            ContentionLines.Place place) {
        return Mono.usingWhen(
                begin(options, place),
                transaction -> workAndCommit(transaction, work),
                transaction -> Mono.empty(),
                TransactionRunner::rollback,
                transaction -> rollback(transaction, null));
    }

    private static <R> Mono<R> workAndCommit(
            StoreTransaction transaction, Function<? super Transaction, ? extends Mono<R>> work) {
        return MapAccess.notNull(work.apply(transaction), "what the function returned")
                .map(Optional::of)
                .defaultIfEmpty(Optional.empty())
                .flatMap(value -> transaction.commit().then(Mono.justOrEmpty(value)));
    }

    /** Never fails: what goes wrong travels along with the {@code failure} that made it necessary. */
    private static Mono<Void> rollback(StoreTransaction transaction, Throwable failure) {
        return Mono.create(sink -> transaction.rollback(problem -> {
            if (problem != null && failure != null && problem != failure) {
                failure.addSuppressed(problem);
            }
            sink.success();
        }));
    }

    /** Completes when the transaction should be run again; fails if it should not. */
    private Mono<Boolean> pause(Retry.RetrySignal signal, int retries, ContentionLines.Place place) {
        Throwable failure = signal.failure();
        boolean again =
                failure instanceof MillraceException known && known.isTransient() && signal.totalRetries() < retries;
        if (!again) {
            return Mono.error(failure);
        }
        return Mono.create(sink -> {
            if (place.hasLost()) {
                store.lines().reach(place, () -> sink.success(true));
            } else {
                wakeAfter(randomPause(signal.totalRetries()), sink);
            }
        });
    }

    private long randomPause(long retries) {
        long longest = FIRST_PAUSE_NANOS << Math.min(MAX_DOUBLINGS, retries);
        return Long.remainderUnsigned(store.threads().random(), Math.min(LONGEST_PAUSE_NANOS, longest));
    }

    private void wakeAfter(long nanos, MonoSink<Boolean> sink) {
        Timer.Alarm alarm = store.timer().set(nanos, () -> store.workers().execute(() -> sink.success(true)));
        sink.onDispose(alarm::cancel);
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
