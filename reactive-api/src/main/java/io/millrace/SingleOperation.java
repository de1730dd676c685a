package io.millrace;

import io.millrace.btree.TreeRef;
import io.millrace.error.DeadlockException;
import io.millrace.error.LimitExceededException;
import io.millrace.error.LockTimeoutException;
import io.millrace.error.MillraceException;
import io.millrace.error.StorageIoException;
import io.millrace.error.TransactionConflictException;
import io.millrace.txn.Operation;
import io.millrace.txn.RecordListener;
import io.millrace.txn.Step;
import io.millrace.txn.Workspace;
import io.millrace.wal.CommitWaiter;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;

/**
 * An operation with at most one result, and the subscription of the one who asked for it. It begins when subscribed, runs on as an {@link
 * Operation} does, and signals once; the result is held until it is requested.
 *
 * <p>All that decides about signals stands in one word of bits. Whoever sets the second of two bits that make something due does it: REQUESTED
 * and READY emit the result, STEPPED and DURABLE end an operation that wrote a record.
 */
abstract class SingleOperation<T> extends Operation implements Subscription, RecordListener, TransactionQueue.Item {
    private static final int REQUESTED = 1;
    private static final int CANCELLED = 1 << 1;
    /** Result or error is there. */
    private static final int READY = 1 << 2;
    /** The last step is over, its record is published. */
    private static final int STEPPED = 1 << 3;
    /** The record is durable, or lost. */
    private static final int DURABLE = 1 << 4;
    /** Waits for the end of a transaction that holds the key. The only bit that is cleared again. */
    private static final int LOCK_WAIT = 1 << 5;
    /** It has waited long enough. */
    private static final int OVERDUE = 1 << 6;
    /** It ended while it waited for a lock: the step that would follow the wait does not run. */
    private static final int TAKEN_OUT = 1 << 8;
    /** The gate and the transaction's queue have been left. */
    private static final int LEFT = 1 << 7;

    /** Parts after which an operation that begins anew does so on a fresh stack. */
    private static final int MAX_PARTS_ON_STACK = 16;

    @SuppressWarnings("rawtypes")
    private static final AtomicIntegerFieldUpdater<SingleOperation> STATE =
            AtomicIntegerFieldUpdater.newUpdater(SingleOperation.class, "state");

    /** The open store. */
    final StoreEngine store;

    /** Where it runs. */
    final Scope scope;

    /** The transaction it belongs to, null if it is outside one. */
    final StoreTransaction transaction;

    private final CoreSubscriber<? super T> actual;

    /** The bits above; any thread, atomic updates. */
    private volatile int state;

    // Written by steps, which follow one another, and read after READY or both of STEPPED and DURABLE.
    private T result;
    private long writtenLsn;
    private long restsOn;
    private Throwable loss;
    private Timer.Alarm alarm;
    private long lockHolder;
    private Thread subscriber;
    private int parts;
    private TreeRef treeToWrite;
    private boolean stubsTried;

    SingleOperation(StoreEngine store, Scope scope, CoreSubscriber<? super T> actual) {
        super(store.context());
        this.store = store;
        this.scope = scope;
        this.transaction = scope.transaction();
        this.actual = actual;
    }

    /**
     * One step, as {@link Operation#step}. Before it answers DONE it calls {@link #result}, and {@link #wrote} or {@link #restsOn} where there is
     * something to wait for.
     */
    abstract Step work(Workspace workspace);

    /** After a step that was DONE, with nothing held: whether to begin anew with a further part. */
    boolean goesOn() {
        return false;
    }

    /** Whether it changes something, so that cancelling it dooms its transaction. */
    boolean isWrite() {
        return false;
    }

    /** For error messages. */
    String mapName() {
        return "";
    }

    /** Whether the log must have reached the record that was written before the result is told. */
    boolean waitsForRecord() {
        return transaction == null;
    }

    /** It is over; called once, before the signal. */
    void ended(Throwable failure) {}

    /** It was cancelled, and no further step will run; called before {@link #ended}, if it had begun. */
    void withdrawn() {}

    /**
     * Finds the tree to write to, for {@link #treeToWrite()}.
     *
     * @param create whether to create it if there is none
     */
    final Step treeToWrite(MapAccess<?, ?> map, Workspace workspace, boolean create) {
        Step outcome = scope.treeToWrite(map, workspace, this::treeToWrite);
        if (outcome == Step.DONE && treeToWrite == null && create) {
            outcome = map.createTree(workspace);
            // Once more from the start: the scope has to be asked about the new one.
            return outcome == Step.DONE ? scope.treeToWrite(map, workspace, this::treeToWrite) : outcome;
        }
        return outcome;
    }

    private void treeToWrite(TreeRef tree) {
        treeToWrite = tree;
    }

    /** The tree that the step writes to; null if there is none. */
    final TreeRef treeToWrite() {
        return treeToWrite;
    }

    final void result(T value) {
        result = value;
    }

    /** A record was written, LSN 0 stands for none. */
    final void wrote(long lsn) {
        writtenLsn = lsn;
    }

    /** The result may be told once this LSN is durable. */
    final void restsOn(long lsn) {
        restsOn = lsn;
    }

    /** Called once, after {@code onSubscribe}. */
    final void subscribed() {
        if ((state & CANCELLED) != 0) {
            withdrawn();
            return;
        }
        if (!store.gate().enter()) {
            set(LEFT);
            emit(store.closedError());
        } else if (transaction == null) {
            start();
        } else {
            subscriber = Thread.currentThread();
            transaction.queue().submit(this);
        }
    }

    @Override
    public void begin() {
        start();
    }

    @Override
    protected final Step step(Workspace workspace) {
        scope.check();
        Step outcome = work(workspace);
        if (outcome == Step.DONE) {
            scope.checkAfterwards();
            return outcome;
        }
        if (transaction != null && (outcome == Step.LOCKED || outcome == Step.CONFLICT)) {
            transaction.lostOn(mapName(), workspace);
        }
        if (outcome == Step.LOCKED) {
            prepareLockWait(workspace.lockedBy);
        }
        return outcome;
    }

    private void prepareLockWait(long holder) {
        Throwable poison = store.wal().poisonCause();
        if (poison != null) {
            // The holder's rollback could not be finished, perhaps: the lock is there until the store is opened again.
            throw new StorageIoException("write after an earlier failure; reopen the store", poison);
        }
        lockHolder = holder;
        if (alarm == null) {
            alarm = store.timer().set(store.lockTimeout().toNanos(), this::overdue);
        }
        if ((set(LOCK_WAIT) & OVERDUE) != 0) {
            throw lockTimeout();
        }
    }

    private void overdue() {
        set(OVERDUE);
        if (takeOut()) {
            store.workers().execute(() -> failed(lockTimeout()));
        }
    }

    /** While it waits for a lock no step runs: whoever takes it out ends it, and the step that would follow finds it abandoned. */
    private boolean takeOut() {
        int bits;
        do {
            bits = state;
            if ((bits & LOCK_WAIT) == 0) {
                return false;
            }
        } while (!STATE.compareAndSet(this, bits, bits & ~LOCK_WAIT | TAKEN_OUT));
        return true;
    }

    private LockTimeoutException lockTimeout() {
        return new LockTimeoutException(mapName(), lockHolder, store.lockTimeout());
    }

    @Override
    protected final boolean abandoned() {
        int bits;
        do {
            bits = state;
            if ((bits & (CANCELLED | TAKEN_OUT)) != 0) {
                return true;
            }
            if ((bits & LOCK_WAIT) == 0) {
                return false;
            }
        } while (!STATE.compareAndSet(this, bits, bits & ~LOCK_WAIT));
        return false;
    }

    @Override
    protected final void cleanUp() {
        // Whoever has taken it out ends it, and may have a failure to tell.
        if ((state & TAKEN_OUT) == 0) {
            letGo();
        }
    }

    private void letGo() {
        withdrawn();
        if (leave(null) && transaction != null) {
            transaction.queue().ended(() -> {});
        }
    }

    @Override
    protected final void done() {
        boolean again;
        try {
            again = goesOn();
        } catch (Throwable thrown) {
            failed(thrown);
            return;
        }
        if (again) {
            nextPart();
        } else if (writtenLsn != 0 && waitsForRecord()) {
            arrive(STEPPED);
        } else if (restsOn > context().engine().wal().visibleLsn()) {
            context().engine().wal().whenVisible(restsOn, new Rest());
        } else {
            conclude(null);
        }
    }

    private void nextPart() {
        if (++parts % MAX_PARTS_ON_STACK == 0) {
            store.workers().execute(this);
        } else {
            start();
        }
    }

    @Override
    public final void reached(long lsn) {
        arrive(DURABLE);
    }

    @Override
    public final void lost(MillraceException cause) {
        loss = cause;
        arrive(DURABLE);
    }

    /** The end of the last step and the durability of its record may come in any order. */
    private void arrive(int part) {
        if ((set(part) & (STEPPED | DURABLE)) == 0) {
            return;
        }
        if (part == DURABLE) {
            concludeRecord();
        } else {
            // The record was faster than the thread that wrote it, which may be no worker.
            store.workers().execute(this::concludeRecord);
        }
    }

    private void concludeRecord() {
        if (loss == null) {
            context().counters().committed();
        }
        conclude(loss);
    }

    @Override
    protected final void failed(Throwable cause) {
        if (transaction != null
                && cause instanceof MillraceException failure
                && !(cause instanceof LimitExceededException)) {
            transaction.doom(failure);
        }
        conclude(cause);
    }

    @Override
    protected final boolean keepsStubsInstead() {
        if (transaction == null || stubsTried) {
            return false;
        }
        stubsTried = true;
        transaction.inner().keepStubs();
        return true;
    }

    @Override
    protected final boolean movesOn() {
        return !scope.isRegistered();
    }

    @Override
    protected final void locked(long holder) {
        if (transaction == null) {
            super.locked(holder);
        } else {
            context().transactions().awaitEnd(transaction.inner(), holder, this::resume, () -> deadlocked(holder));
        }
    }

    private void deadlocked(long holder) {
        if (takeOut()) {
            context().counters().conflict();
            endLater(new DeadlockException(mapName(), transaction.inner().id(), holder));
        }
    }

    @Override
    protected final void conflicted(long winnerLsn) {
        context().counters().conflict();
        failed(new TransactionConflictException(mapName(), transaction.lsn(), winnerLsn));
    }

    /** Leaves the gate and the queue, then signals. */
    private void conclude(Throwable failure) {
        if (!leave(failure)) {
            return;
        }
        if (transaction == null) {
            emit(failure);
        } else {
            transaction.queue().ended(() -> emitWhereItBelongs(failure));
        }
    }

    /** False if it has been left already. */
    private boolean leave(Throwable failure) {
        if ((set(LEFT) & LEFT) != 0) {
            return false;
        }
        if (alarm != null) {
            alarm.cancel();
        }
        ended(failure);
        store.gate().leave();
        return true;
    }

    /** Whoever runs a transaction's queue may be a third party: the subscriber of another operation. */
    private void emitWhereItBelongs(Throwable failure) {
        if (subscriber == Thread.currentThread() || store.workers().isWorker()) {
            emit(failure);
        } else {
            store.workers().execute(() -> emit(failure));
        }
    }

    private void emit(Throwable failure) {
        if (failure != null) {
            result = null;
        }
        int before = set(READY);
        if ((before & (CANCELLED | READY)) != 0) {
            return;
        }
        if (failure != null) {
            actual.onError(failure);
        } else if (result == null) {
            actual.onComplete();
        } else if ((before & REQUESTED) != 0) {
            deliver();
        }
    }

    private void deliver() {
        T value = result;
        result = null;
        actual.onNext(value);
        actual.onComplete();
    }

    @Override
    public final void request(long n) {
        if (n <= 0) {
            refuse(n);
            return;
        }
        int before = set(REQUESTED);
        if ((before & (REQUESTED | READY | CANCELLED)) == READY && result != null) {
            deliver();
        }
    }

    /** A demand that is none ends the subscription (rule 3.9). */
    private void refuse(long n) {
        int before = set(CANCELLED);
        boolean signalled = (before & READY) != 0 && ((before & REQUESTED) != 0 || result == null);
        if ((before & CANCELLED) == 0 && !signalled) {
            withdraw(before);
            actual.onError(new IllegalArgumentException("a subscriber must request more than 0, not " + n));
        }
    }

    @Override
    public final void cancel() {
        int before = set(CANCELLED);
        if ((before & CANCELLED) == 0) {
            withdraw(before);
        }
    }

    private void withdraw(int before) {
        if (takeOut()) {
            store.workers().execute(this::letGo);
        }
        if ((before & READY) == 0 && transaction != null && isWrite()) {
            transaction.doom(new IllegalStateException("a write of this transaction was cancelled"));
        }
    }

    private int set(int bit) {
        int bits;
        do {
            bits = state;
        } while (!STATE.compareAndSet(this, bits, bits | bit));
        return bits;
    }

    /** Waits for the LSN that a result without a record rests on; told on a worker. */
    private final class Rest implements CommitWaiter {
        @Override
        public void reached(long lsn) {
            conclude(null);
        }

        @Override
        public void lost(MillraceException cause) {
            conclude(cause);
        }
    }
}
