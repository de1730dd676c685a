package io.millrace;

import io.millrace.btree.EntrySink;
import io.millrace.btree.ScanCursor;
import io.millrace.btree.TreeRef;
import io.millrace.error.LimitExceededException;
import io.millrace.error.MillraceException;
import io.millrace.txn.Operation;
import io.millrace.txn.Step;
import io.millrace.txn.Workspace;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Operators;

/**
 * A scan and its subscription. It reads a part of one leaf when there is demand and nothing left of the part before; in between it holds a
 * snapshot and nothing else.
 *
 * <p>Everything happens in {@link #drain}, which one thread at a time runs, others leave it work; reading is a state in which the drain does
 * nothing but wait to be called by the end of the read.
 */
final class ScanSubscription<K, V, T> extends Operation implements Subscription, TransactionQueue.Item, OpenWork {
    /** How what was read is handed out. */
    interface Form<K, V, T> {
        /** Takes the next element out of what was read, which is not empty. */
        T take(ArrayDeque<Entry<K, V>> read);
    }

    /** Where it stands to the gate of the store. */
    private enum Place {
        RESTING,
        READING,
        LEFT
    }

    private static final int READS_ON_STACK = 64;

    private final StoreEngine store;
    private final Scope scope;
    private final StoreSnapshot own;
    private final StoreTransaction transaction;
    private final MapAccess<K, V> map;
    private final Range<K> range;
    private final int batch;
    private final Form<K, V, T> form;
    private final CoreSubscriber<? super T> actual;
    private final EntrySink sink = new Sink();
    private final ValueReading longValue;
    private final AtomicLong requested = new AtomicLong();
    private final AtomicInteger work = new AtomicInteger();
    /** While it rests, a store that closes need not wait for it, be it in the middle of a signal. */
    private final AtomicReference<Place> place = new AtomicReference<>(Place.RESTING);

    /** Any thread sets these, the drain reads them. */
    private volatile boolean cancelled;

    private volatile Throwable intrusion;

    /** Whether a read is under way; the drain sets it, the end of the read clears it. */
    private volatile boolean reading;

    // Touched by the read while it is under way, else by the drain.
    private final ArrayDeque<Entry<K, V>> read = new ArrayDeque<>();
    private ScanCursor cursor;
    /** Key of the entry whose long value is being read. */
    private K longKey;

    private Throwable failure;

    // Touched by the drain only.
    private boolean over;
    private boolean begun;
    private int fruitless;
    private long number;
    private Thread subscriber;

    /** A scan in {@code scope}; a snapshot taken for it alone is also given as {@code own} and ends with it. */
    ScanSubscription(
            StoreEngine store,
            Scope scope,
            StoreSnapshot own,
            MapAccess<K, V> map,
            Range<K> range,
            int batch,
            Form<K, V, T> form,
            CoreSubscriber<? super T> actual) {
        super(store.context());
        this.store = store;
        this.scope = scope;
        this.own = own;
        this.transaction = scope.transaction();
        this.map = map;
        this.range = range;
        this.batch = batch;
        this.form = form;
        this.actual = actual;
        longValue = new ValueReading(store, false);
    }

    /** Entries one by one. */
    static <K, V> Form<K, V, Entry<K, V>> single() {
        return ArrayDeque::poll;
    }

    /** All entries of a read as a list. */
    static <K, V> Form<K, V, List<Entry<K, V>>> lists() {
        return read -> {
            List<Entry<K, V>> list = List.copyOf(new ArrayList<>(read));
            read.clear();
            return list;
        };
    }

    /** Called once, after {@code onSubscribe}; before that nothing is read. The work counter stands at one until then. */
    void subscribed() {
        subscriber = Thread.currentThread();
        if (!store.gate().enter()) {
            over = true;
            endScope();
            if (!cancelled) {
                actual.onError(store.closedError());
            }
            return;
        }
        number = store.openWork().add(this);
        failure = flaw();
        store.openWork().checkOpen(this);
        drainOn();
    }

    /** Keeps the drain from running before {@link #subscribed}. */
    void prepare() {
        work.set(1);
    }

    private RuntimeException flaw() {
        try {
            RangeCursor.check(range);
            if (batch <= 0) {
                throw new IllegalArgumentException("a batch must have at least one entry, not " + batch);
            }
            return null;
        } catch (RuntimeException flaw) {
            return flaw;
        }
    }

    @Override
    public void request(long n) {
        if (n <= 0) {
            intrude(new IllegalArgumentException("a subscriber must request more than 0, not " + n));
        } else {
            requested.accumulateAndGet(n, Operators::addCap);
            drain();
        }
    }

    @Override
    public void cancel() {
        cancelled = true;
        drain();
    }

    @Override
    public void storeCloses() {
        intrusion = store.closedError();
        if (place.compareAndSet(Place.RESTING, Place.LEFT)) {
            leave();
        }
        store.workers().execute(this::drain);
    }

    private void intrude(Throwable cause) {
        intrusion = cause;
        drain();
    }

    private void drain() {
        if (work.getAndIncrement() == 0) {
            drainOn();
        }
    }

    private void drainOn() {
        int seen = work.get();
        do {
            if (!over && !reading) {
                advance();
            }
            seen = work.addAndGet(-seen);
        } while (seen != 0);
    }

    /** Emits what may be emitted, then ends, or reads on, or rests. */
    private void advance() {
        Throwable cause = intrusion != null ? intrusion : failure;
        if (cause != null) {
            end(cause);
            return;
        }
        long demand = requested.get();
        long emitted = 0;
        while (emitted < demand && !cancelled && !read.isEmpty()) {
            actual.onNext(form.take(read));
            emitted++;
        }
        if (emitted > 0 && demand != Long.MAX_VALUE) {
            requested.addAndGet(-emitted);
        }
        if (cancelled) {
            end(null);
        } else if (read.isEmpty()) {
            if (isExhausted()) {
                end(null);
            } else if (emitted < demand || begun) {
                // Once begun it reads one part ahead, so that the end is told without further demand.
                begun = true;
                fruitless = emitted > 0 ? 0 : fruitless + 1;
                readOn();
            }
        }
    }

    private boolean isExhausted() {
        return range.limit() == 0 || cursor != null && (cursor.exhausted() || cursor.entries() >= range.limit());
    }

    private void end(Throwable cause) {
        over = true;
        longValue.end();
        read.clear();
        if (place.getAndSet(Place.LEFT) != Place.LEFT) {
            leave();
        }
        if (cancelled) {
            return;
        }
        if (cause != null) {
            actual.onError(cause);
        } else {
            actual.onComplete();
        }
    }

    private void leave() {
        endScope();
        store.openWork().remove(number);
        store.gate().leave();
    }

    /** A snapshot that was taken for this scan ends with it. */
    private void endScope() {
        if (own != null) {
            own.close();
        }
    }

    private void readOn() {
        if (!place.compareAndSet(Place.RESTING, Place.READING)) {
            end(intrusion);
            return;
        }
        reading = true;
        if (transaction != null) {
            transaction.queue().submit(this);
        } else if (fruitless % READS_ON_STACK == READS_ON_STACK - 1) {
            store.workers().execute(this);
        } else {
            start();
        }
    }

    @Override
    public void begin() {
        start();
    }

    @Override
    protected Step step(Workspace workspace) {
        scope.check();
        if (longValue.isUnderWay()) {
            return readLong(workspace);
        }
        TreeRef tree = scope.tree(map, workspace);
        if (cursor == null) {
            cursor = RangeCursor.of(map, range, workspace);
            scope.scans(map, cursor);
        }
        if (tree == null) {
            cursor.exhaust();
            return Step.DONE;
        }
        int wanted = MapAccess.clamp(Math.min(batch, range.limit() - cursor.entries()));
        Step outcome = store.trees().scan(workspace, tree, cursor, scope.view(workspace), sink, wanted);
        scope.checkAfterwards();
        return outcome == Step.DONE && longValue.isUnderWay() ? readLong(workspace) : outcome;
    }

    private Step readLong(Workspace workspace) {
        Step outcome = longValue.read(workspace, scope);
        if (outcome == Step.DONE) {
            read.add(new Entry<>(longKey, map.decodeLong(longValue.take())));
            scope.checkAfterwards();
        }
        return outcome;
    }

    /** Takes entries up to one with a long value, which is read for itself: there is one at a time in memory. */
    private final class Sink implements EntrySink {
        @Override
        public void entry(long key, int keyLength, long value, int valueLength) {
            read.add(new Entry<>(map.decodeKey(key, keyLength), map.decodeValue(value, valueLength)));
        }

        @Override
        public boolean longEntry(long key, int keyLength, long reference) {
            longKey = map.decodeKey(key, keyLength);
            longValue.begin(reference);
            return false;
        }
    }

    @Override
    protected boolean abandoned() {
        return cancelled;
    }

    @Override
    protected void cleanUp() {
        readEnded();
    }

    @Override
    protected void done() {
        readEnded();
    }

    @Override
    protected void failed(Throwable cause) {
        failure = cause;
        if (transaction != null
                && cause instanceof MillraceException known
                && !(cause instanceof LimitExceededException)) {
            transaction.doom(known);
        }
        readEnded();
    }

    private void readEnded() {
        place.set(Place.RESTING);
        if (transaction == null) {
            reading = false;
            drain();
        } else {
            transaction.queue().ended(this::drainAfterQueue);
        }
    }

    /** Whoever runs a transaction's queue may be a third party: the subscriber of another operation. */
    private void drainAfterQueue() {
        if (subscriber == Thread.currentThread() || store.workers().isWorker()) {
            reading = false;
            drain();
        } else {
            store.workers().execute(() -> {
                reading = false;
                drain();
            });
        }
    }
}
