package io.millrace;

import io.millrace.btree.Compaction;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;

/** A subscription to {@link Store#compact}: behind the gate until the compaction has ended, which it does soon when the store closes. */
final class CompactRun implements OpenWork {
    private final StoreEngine engine;
    private final MonoSink<CompactInfo> sink;
    private final Compaction compaction;
    private volatile boolean closing;
    private volatile boolean cancelled;

    private CompactRun(StoreEngine engine, long bytesPerSecond, MonoSink<CompactInfo> sink) {
        this.engine = engine;
        this.sink = sink;
        compaction = new Compaction(bytesPerSecond);
    }

    static Mono<CompactInfo> mono(StoreEngine engine, long bytesPerSecond) {
        if (bytesPerSecond <= 0) {
            return Mono.error(
                    () -> new IllegalArgumentException("bytesPerSecond must be at least 1 but is " + bytesPerSecond));
        }
        return Mono.create(sink -> {
            if (engine.gate().enter()) {
                new CompactRun(engine, bytesPerSecond, sink).start();
            } else {
                sink.error(engine.closedError());
            }
        });
    }

    private void start() {
        long number = engine.openWork().add(this);
        sink.onCancel(this::cancel);
        CompletableFuture<Compaction> unused = compaction
                .end()
                .whenComplete((done, failure) -> engine.workers().execute(() -> {
                    engine.openWork().remove(number);
                    engine.gate().leave();
                    signal(failure);
                }));
        engine.assembly().maintainer().compact(compaction);
        engine.openWork().checkOpen(this);
    }

    private void cancel() {
        cancelled = true;
        compaction.cancel();
    }

    private void signal(Throwable failure) {
        if (cancelled) {
            return;
        }
        if (closing) {
            sink.error(engine.closedError());
        } else if (failure != null) {
            sink.error(failure instanceof CompletionException ? failure.getCause() : failure);
        } else {
            sink.success(new CompactInfo(
                    compaction.bytesBefore(),
                    compaction.bytesAfter(),
                    compaction.pagesMerged(),
                    compaction.pagesMoved(),
                    Duration.ofNanos(compaction.nanos())));
        }
    }

    @Override
    public void storeCloses() {
        closing = true;
        compaction.cancel();
    }
}
