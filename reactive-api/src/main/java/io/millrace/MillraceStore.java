package io.millrace;

import io.millrace.common.Completion;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.core.publisher.Sinks;

/** The store as the user has it. */
final class MillraceStore implements Store {
    private final StoreEngine engine;
    private final RecoveryReport recovery;
    private final AtomicBoolean closing = new AtomicBoolean();
    private final Sinks.Empty<Void> closed = Sinks.empty();

    /** Figures of the last moment, once the store is closed. */
    private volatile StoreStats lastStats;

    MillraceStore(StoreEngine engine, boolean created) {
        this.engine = engine;
        recovery = engine.assembly().report(created);
    }

    StoreEngine engine() {
        return engine;
    }

    @Override
    public <K, V> OrderedMap<K, V> map(String name, Codec<K> keys, Codec<V> values) {
        return new MapView<>(engine, new MapAccess<>(engine, name, keys, values), engine.outside());
    }

    @Override
    public <R> Mono<R> write(TransactionOptions options, Function<? super Transaction, ? extends Mono<R>> work) {
        return engine.runner().write(options, work);
    }

    @Override
    public <R> Flux<R> writeMany(
            TransactionOptions options, Function<? super Transaction, ? extends Publisher<R>> work) {
        return engine.runner().writeMany(options, work);
    }

    @Override
    public <R> Flux<R> read(TransactionOptions options, Function<? super Snapshot, ? extends Publisher<R>> work) {
        return engine.runner().read(options, work);
    }

    @Override
    public Mono<Transaction> begin(TransactionOptions options) {
        return engine.runner().begin(options).cast(Transaction.class);
    }

    @Override
    public long durableLsn() {
        return engine.wal().durableLsn();
    }

    @Override
    public StoreStats stats() {
        StoreStats last = lastStats;
        return last != null ? last : engine.stats();
    }

    @Override
    public RecoveryReport recoveryReport() {
        return recovery;
    }

    @Override
    public Flux<String> maps() {
        return OperationMono.<List<String>>of(actual -> new MapsOperation(engine, engine.outside(), actual))
                .flatMapIterable(Function.identity());
    }

    @Override
    public Mono<Boolean> drop(String name) {
        return OperationMono.of(actual -> new DropOperation(engine, engine.outside(), name, actual));
    }

    @Override
    public Mono<Void> rename(String from, String to) {
        return OperationMono.of(actual -> new RenameOperation(engine, engine.outside(), from, to, actual));
    }

    @Override
    public Mono<Void> checkpoint() {
        return Mono.create(sink -> {
            if (engine.gate().enter()) {
                engine.workers().execute(() -> checkpoint(sink));
            } else {
                sink.error(engine.closedError());
            }
        });
    }

    private void checkpoint(MonoSink<Void> sink) {
        CompletableFuture<Void> request = engine.assembly().checkpointer().request();
        CompletableFuture<Void> unused =
                request.whenComplete((done, failure) -> engine.workers().execute(() -> {
                    engine.gate().leave();
                    if (failure == null) {
                        sink.success();
                    } else {
                        sink.error(failure instanceof CompletionException ? failure.getCause() : failure);
                    }
                }));
    }

    @Override
    public Mono<CompactInfo> compact(long bytesPerSecond) {
        return CompactRun.mono(engine, bytesPerSecond);
    }

    @Override
    public Mono<BackupInfo> backup(Path target) {
        return BackupRun.of(engine, target);
    }

    @Override
    public Flux<Commit> changes(long afterLsn) {
        return ChangesFlux.of(engine, afterLsn);
    }

    @Override
    public Mono<Void> close() {
        return Mono.defer(() -> {
            engine.workers().stepAside();
            if (closing.compareAndSet(false, true)) {
                engine.threads().start("close", this::closeNow);
            }
            return closed.asMono();
        });
    }

    /** On a thread of its own, which may wait. */
    private void closeNow() {
        try {
            engine.gate().close();
            engine.openWork().closeAll();
            Completion empty = new Completion(engine.threads());
            engine.gate().whenEmpty(empty::complete);
            empty.await();
            lastStats = engine.stats();
            engine.close();
            closed.tryEmitEmpty();
        } catch (IOException | RuntimeException failure) {
            closed.tryEmitError(StoreOpening.translate("close the store", failure));
        }
    }
}
