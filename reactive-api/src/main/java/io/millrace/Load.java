package io.millrace;

import io.millrace.btree.BulkLoad;
import io.millrace.btree.LoadSpace;
import io.millrace.error.LimitExceededException;
import io.millrace.error.MillraceException;
import io.millrace.error.TransactionConflictException;
import io.millrace.txn.RecordListener;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.reactivestreams.Publisher;
import reactor.core.publisher.MonoSink;
import reactor.util.context.Context;

/**
 * One load of a map that does not exist yet: entries come from their publisher ({@link LoadSource}), a bounded number at a time, and go in batches
 * to an engine thread of its own, which builds the tree and may block.
 */
final class Load implements OpenWork, RecordListener {
    private static final long WINDOW_BYTES = 4 << 20;
    private static final long BUDGET_SHARE = 4;
    private static final long MAX_WINDOW = 1_024;
    private static final long PATIENCE_NANOS = 100_000_000;

    private final StoreEngine store;
    private final String name;
    private final MonoSink<Long> sink;
    private final Queue<EntryBatch> batches = new ConcurrentLinkedQueue<>();
    private final AtomicLong waitingBytes = new AtomicLong();
    /** Why it can't come to its end; a cancellation has no receiver. */
    private final AtomicReference<Throwable> failure = new AtomicReference<>();

    /** Set by the publisher's end, behind its last batch. */
    private volatile boolean complete;

    /** Nobody wants to know the end any more. */
    private volatile boolean cancelled;

    /** Set before the thread starts. */
    private LoadSource<?, ?> source;

    private volatile Thread thread;
    private long number;

    // Touched by the thread.
    private long taken;
    private long window;

    private Load(StoreEngine store, String name, MonoSink<Long> sink) {
        this.store = store;
        this.name = name;
        this.sink = sink;
        window = Math.max(1, Math.min(MAX_WINDOW, store.maxValueMemory() / 2 / Math.max(1, store.maxValue())));
    }

    /** How many entries to ask for at first, when nobody knows how large they are. */
    long firstRequest() {
        return window;
    }

    /** Begins a load; the caller has entered the gate, which it leaves in the end. */
    static <K, V> void start(
            StoreEngine store, MapAccess<K, V> map, Publisher<? extends Entry<K, V>> entries, MonoSink<Long> sink) {
        Load load = new Load(store, map.name(), sink);
        LoadSource<K, V> source = new LoadSource<>(load, map, Context.of(sink.contextView()));
        load.source = source;
        load.number = store.openWork().add(load);
        sink.onCancel(load::cancel);
        load.thread = store.threads().start("load", load::run);
        try {
            entries.subscribe(source);
        } catch (RuntimeException failure) {
            load.fail(failure);
        }
        store.openWork().checkOpen(load);
    }

    // --- from the publisher

    void take(EntryBatch batch) {
        if (waitingBytes.addAndGet(batch.bytes()) > store.maxValueMemory()) {
            fail(new LimitExceededException(
                    "bytes of entries on their way to a load (transaction.max-value-memory)",
                    store.maxValueMemory(),
                    waitingBytes.get()));
        }
        batches.add(batch);
        store.threads().unpark(thread);
    }

    void complete() {
        complete = true;
        store.threads().unpark(thread);
    }

    void fail(Throwable cause) {
        failure.compareAndSet(null, cause);
        source.cancel();
        store.threads().unpark(thread);
    }

    private void cancel() {
        cancelled = true;
        fail(new IllegalStateException("the load was cancelled"));
    }

    @Override
    public void storeCloses() {
        fail(store.closedError());
    }

    // --- the thread

    private void run() {
        LoadSpace space = store.loadSpace();
        BulkLoad load = new BulkLoad(store.context(), store.trees(), store.catalogue(), space);
        long lsn = 0;
        try {
            takeAll(load);
            lsn = load.finish(name, this::checkWanted, this);
            if (lsn == BulkLoad.NAME_IS_TAKEN) {
                // Whoever learns that it exists may rely on it.
                store.wal().awaitDurable(store.catalogue().newestChangeLsn());
                throw new TransactionConflictException(name, store.wal().visibleLsn(), 0);
            }
        } catch (Throwable thrown) {
            failure.compareAndSet(null, thrown);
            source.cancel();
        } finally {
            load.close();
        }
        if (lsn <= 0) {
            store.workers().execute(() -> end(failure.get()));
        }
    }

    @Override
    public void reached(long lsn) {
        end(null);
    }

    @Override
    public void lost(MillraceException cause) {
        end(cause);
    }

    private void takeAll(BulkLoad load) {
        while (true) {
            boolean last = complete;
            EntryBatch batch = batches.poll();
            checkWanted();
            if (batch != null) {
                batch.giveTo(load);
                taken += batch.entries();
                waitingBytes.addAndGet(-batch.bytes());
                askForMore(batch);
            } else if (last) {
                return;
            } else {
                store.threads().park(this, PATIENCE_NANOS);
            }
        }
    }

    /** Throws if it has been given up. */
    private void checkWanted() {
        if (failure.get() != null) {
            throw new IllegalStateException(failure.get());
        }
    }

    /**
     * So many that what is on its way, if entries are as large as those of the last batch, stays within the window; at most twice as many as
     * before, because they may not be.
     */
    private void askForMore(EntryBatch last) {
        if (complete || last.entries() == 0) {
            return;
        }
        long bytes = Math.min(WINDOW_BYTES, store.maxValueMemory() / BUDGET_SHARE);
        long fitting = Math.min(MAX_WINDOW, bytes * last.entries() / last.bytes());
        window = Math.max(1, Math.min(fitting, 2 * window));
        long more = window - (source.requested() - taken);
        if (more > window / 4) {
            source.willRequest(more);
            // The publisher's own code may run in there.
            store.workers().execute(() -> source.request(more));
        }
    }

    private void end(Throwable cause) {
        store.openWork().remove(number);
        store.gate().leave();
        if (cause == null) {
            sink.success(taken);
        } else if (!cancelled) {
            sink.error(cause);
        }
    }
}
