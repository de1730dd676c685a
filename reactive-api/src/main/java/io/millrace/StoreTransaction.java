package io.millrace;

import io.millrace.error.LimitExceededException;
import io.millrace.error.TransactionConflictException;
import io.millrace.txn.ReadView;
import io.millrace.txn.Rollback;
import io.millrace.txn.Workspace;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import reactor.core.publisher.Mono;

/** A transaction as the user has it: its operations queue up here, and its end is decided here, by items of the same queue. */
final class StoreTransaction implements Transaction, Scope, OpenWork {
    private enum Phase {
        OPEN,
        COMMITTED,
        ROLLED_BACK,
        /** The log failed under its commit or rollback. */
        LOST
    }

    private final StoreEngine store;
    private final io.millrace.txn.Transaction inner;
    private final TransactionOptions options;
    private final ContentionLines.Place place;
    private final TransactionQueue queue = new TransactionQueue();
    private final AtomicReference<RuntimeException> doom = new AtomicReference<>();
    private final AtomicBoolean left = new AtomicBoolean();

    /** Written by items of the queue, one at a time; read by any thread. */
    private volatile Phase phase = Phase.OPEN;

    private volatile long blockedBy;
    private long number;
    private Timer.Alarm alarm;

    private StoreTransaction(
            StoreEngine store,
            TransactionOptions options,
            ContentionLines.Place place,
            io.millrace.txn.Transaction inner) {
        this.store = store;
        this.options = options;
        this.place = place;
        this.inner = inner;
    }

    /**
     * Begins a transaction; its snapshot is of now.
     *
     * @param place where it stands in line for hot keys; null if nobody will run it again
     * @throws io.millrace.error.StoreClosedException if the store is closed
     * @throws io.millrace.error.StoreOverloadedException if too many are open
     */
    static StoreTransaction begin(StoreEngine store, TransactionOptions options, ContentionLines.Place place) {
        if (!store.gate().enter()) {
            throw store.closedError();
        }
        StoreTransaction transaction;
        try {
            transaction = new StoreTransaction(
                    store, options, place, store.context().transactions().begin());
        } catch (RuntimeException failure) {
            store.gate().leave();
            throw failure;
        }
        Duration timeout = options.timeout() != null ? options.timeout() : store.transactionTimeout();
        transaction.alarm = store.timer().set(timeout.toNanos(), () -> transaction.overdue(timeout));
        transaction.number = store.openWork().add(transaction);
        store.openWork().checkOpen(transaction);
        return transaction;
    }

    @Override
    public long lsn() {
        return inner.snapshotLsn();
    }

    @Override
    public Mono<CommitInfo> commit() {
        return OperationMono.of(actual -> new CommitOperation(store, this, actual));
    }

    @Override
    public Mono<Void> rollback() {
        return Mono.create(sink -> rollback(failure -> {
            if (failure == null) {
                sink.success();
            } else {
                sink.error(failure);
            }
        }));
    }

    /** Rolls back behind what was submitted before; {@code outcome} is told null, or why it could not be. */
    void rollback(Consumer<Throwable> outcome) {
        queue.submit(() -> beginRollback(outcome));
    }

    private void beginRollback(Consumer<Throwable> outcome) {
        switch (phase) {
            case OPEN ->
                new Rollback(
                                store.context(),
                                inner,
                                store.undo(),
                                () -> rolledBack(outcome),
                                failure -> rollbackFailed(failure, outcome))
                        .start();
            case COMMITTED ->
                queue.ended(() ->
                        outcome.accept(new IllegalStateException(this + " is committed and can't be rolled back")));
            case ROLLED_BACK -> queue.ended(() -> outcome.accept(null));
            case LOST -> queue.ended(() -> outcome.accept(doom.get()));
            default -> throw new IllegalStateException();
        }
    }

    private void rolledBack(Consumer<Throwable> outcome) {
        store.context().counters().rolledBack();
        end(Phase.ROLLED_BACK);
        queue.ended(() -> outcome.accept(null));
    }

    private void rollbackFailed(Throwable failure, Consumer<Throwable> outcome) {
        doom(failure instanceof RuntimeException cause ? cause : new IllegalStateException(failure));
        end(Phase.LOST);
        queue.ended(() -> outcome.accept(failure));
    }

    /** Called by the commit operation: the record is durable, or, if relaxed, published; or there is none. */
    void committed() {
        end(Phase.COMMITTED);
    }

    /** Called by the commit operation: the record was published, and the log failed. */
    void lost(RuntimeException cause) {
        doom(cause);
        end(Phase.LOST);
    }

    private void end(Phase last) {
        phase = last;
        if (left.compareAndSet(false, true)) {
            alarm.cancel();
            store.openWork().remove(number);
            store.gate().leave();
        }
    }

    /** From now on everything but a rollback fails with the first {@code cause}. */
    void doom(RuntimeException cause) {
        doom.compareAndSet(null, cause);
    }

    /** Dooms it and rolls it back; whoever uses it finds out. */
    void abort(RuntimeException cause) {
        doom(cause);
        rollback(outcome -> {});
    }

    private void overdue(Duration timeout) {
        String name = "duration of a transaction" + (options.tag().isEmpty() ? "" : " '" + options.tag() + "'")
                + " in milliseconds (transaction.timeout)";
        abortLater(new LimitExceededException(name, timeout.toMillis(), timeout.toMillis() + 1));
    }

    @Override
    public void storeCloses() {
        abortLater(store.closedError());
    }

    private void abortLater(RuntimeException cause) {
        store.workers().execute(() -> abort(cause));
    }

    /** An operation lost on the workspace's key: to a later commit, or to a running transaction. */
    void lostOn(String map, Workspace workspace) {
        if (place != null) {
            place.lostOn(key(map, workspace));
        }
    }

    /** Asked before a write of the workspace's key: fails if others are before this transaction in the line for it. */
    void checkTurn(String map, Workspace workspace) {
        if (place != null && !store.lines().areEmpty()) {
            ContentionLines.Key key = key(map, workspace);
            if (store.lines().isBarred(key, place)) {
                place.lostOn(key);
                store.context().counters().conflict();
                throw new TransactionConflictException(map, lsn(), 0);
            }
        }
    }

    private static ContentionLines.Key key(String map, Workspace workspace) {
        return new ContentionLines.Key(map, MapAccess.copy(workspace.keyAddress, workspace.keyLength));
    }

    /** An operation met a key that this running transaction holds. */
    void blockedBy(long transactionId) {
        blockedBy = transactionId;
    }

    /** The transaction that should end before this one is tried again, 0 if there is none. */
    long blockedBy() {
        return blockedBy;
    }

    StoreEngine store() {
        return store;
    }

    TransactionQueue queue() {
        return queue;
    }

    io.millrace.txn.Transaction inner() {
        return inner;
    }

    TransactionOptions options() {
        return options;
    }

    @Override
    public StoreTransaction transaction() {
        return this;
    }

    @Override
    public ReadView view(Workspace workspace) {
        return inner.view();
    }

    @Override
    public boolean isRegistered() {
        return true;
    }

    @Override
    public void check() {
        if (phase == Phase.COMMITTED) {
            throw new IllegalStateException(this + " is committed");
        }
        RuntimeException cause = doom.get();
        if (cause != null) {
            throw cause;
        }
        if (phase != Phase.OPEN) {
            throw new IllegalStateException(this + " is rolled back");
        }
    }

    @Override
    public void checkAfterwards() {
        // Its end queues up behind the operation.
    }

    @Override
    public void checkWritable() {
        // Always.
    }

    @Override
    public String toString() {
        return "transaction " + (options.tag().isEmpty() ? Long.toHexString(inner.id()) : "'" + options.tag() + "'");
    }
}
