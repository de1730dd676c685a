package io.millrace;

import io.millrace.btree.ScanCursor;
import io.millrace.btree.TreeRef;
import io.millrace.error.LimitExceededException;
import io.millrace.error.TransactionConflictException;
import io.millrace.txn.ReadView;
import io.millrace.txn.Rollback;
import io.millrace.txn.Step;
import io.millrace.txn.Transactions;
import io.millrace.txn.Workspace;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;

/** A transaction as the user has it: its operations queue up here, and its end is decided here, by items of the same queue. */
final class StoreTransaction implements Transaction, Scope, OpenWork {
    private enum Phase {
        OPEN,
        COMMITTED,
        ROLLED_BACK,
        /** The log failed under its commit or rollback. */
        LOST
    }

    private static final int MAX_SAVEPOINTS = 1024;

    private final StoreEngine store;
    private final io.millrace.txn.Transaction inner;
    private final TransactionOptions options;
    private final ContentionLines.Place place;
    private final TransactionQueue queue = new TransactionQueue();
    private final Isolation isolation;
    private final ReadSet reads;
    private final AtomicReference<RuntimeException> doom = new AtomicReference<>();
    private final AtomicBoolean left = new AtomicBoolean();
    /** The trees it has written to, by the names it used; touched by items of the queue. */
    private final Map<String, TreeRef> written = new HashMap<>();
    /** Those that can be returned to, oldest first; touched by items of the queue. */
    private final List<Savepoint> savepoints = new ArrayList<>();

    /** Written by items of the queue, one at a time; read by any thread. */
    private volatile Phase phase = Phase.OPEN;

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
        isolation = isolation(store, options);
        reads = isolation == Isolation.SERIALIZABLE ? new ReadSet(store.maxReadSet()) : null;
    }

    private static io.millrace.txn.Transaction beginInner(StoreEngine store, TransactionOptions options) {
        Transactions transactions = store.context().transactions();
        return isolation(store, options) == Isolation.READ_COMMITTED
                ? transactions.beginReadingCommitted()
                : transactions.begin();
    }

    private static Isolation isolation(StoreEngine store, TransactionOptions options) {
        return options.isolation() != null ? options.isolation() : store.isolation();
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
            transaction = new StoreTransaction(store, options, place, beginInner(store, options));
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

    @Override
    public Mono<Savepoint> savepoint() {
        return Mono.create(sink -> queue.submit(() -> {
            try {
                check();
                if (savepoints.size() == MAX_SAVEPOINTS) {
                    throw new LimitExceededException(
                            "savepoints of a transaction", MAX_SAVEPOINTS, savepoints.size() + 1L);
                }
                Savepoint savepoint = new Savepoint(inner.changes());
                savepoints.add(savepoint);
                queue.ended(() -> sink.success(savepoint));
            } catch (RuntimeException failure) {
                queue.ended(() -> sink.error(failure));
            }
        }));
    }

    @Override
    public Mono<Void> rollbackTo(Savepoint savepoint) {
        return Mono.create(sink -> queue.submit(() -> {
            try {
                check();
                forgetBehind(savepoint);
                Rollback.toSavepoint(
                                store.context(),
                                inner,
                                store.undo(),
                                savepoint.changes(),
                                () -> queue.ended(sink::success),
                                failure -> partialRollbackFailed(failure, sink))
                        .start();
            } catch (RuntimeException failure) {
                queue.ended(() -> sink.error(failure));
            }
        }));
    }

    private void forgetBehind(Savepoint savepoint) {
        int place = savepoints.indexOf(MapAccess.notNull(savepoint, "the savepoint"));
        if (place < 0) {
            throw new IllegalStateException(
                    "the savepoint is not one of " + this + ", or this was rolled back to an earlier one");
        }
        savepoints.subList(place + 1, savepoints.size()).clear();
    }

    private void partialRollbackFailed(Throwable failure, MonoSink<Void> sink) {
        doom(failure instanceof RuntimeException cause ? cause : new IllegalStateException(failure));
        queue.ended(() -> sink.error(failure));
    }

    /** Rolls back behind what was submitted before; {@code outcome} is told null, or why it could not be. */
    void rollback(Consumer<Throwable> outcome) {
        queue.submit(() -> beginRollback(outcome));
    }

    private void beginRollback(Consumer<Throwable> outcome) {
        switch (phase) {
            case OPEN ->
                Rollback.whole(
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
        if (store.wal().isPoisoned()) {
            inner.abandoned();
        }
        queue.ended(() -> outcome.accept(failure));
    }

    /** Called by the commit operation: the record is durable, or, if relaxed, written; or there is none. */
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
        if (place != null && !readsCommitted() && !store.lines().areEmpty()) {
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

    StoreEngine store() {
        return store;
    }

    boolean readsCommitted() {
        return isolation == Isolation.READ_COMMITTED;
    }

    /** What it has read, if it is to be validated, else null. */
    ReadSet reads() {
        return reads;
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
        return readsCommitted() ? workspace.view.at(store.wal().visibleLsn(), inner.id(), false) : inner.view();
    }

    /** A map it has written to is the one it has written to; what it has not is that of its snapshot. */
    @Override
    public TreeRef tree(MapAccess<?, ?> map, Workspace workspace) {
        return tree(map, view(workspace).lsn());
    }

    TreeRef tree(MapAccess<?, ?> map, long lsn) {
        TreeRef mine = written.get(MapAccess.notNull(map.name(), "the name of the map"));
        return mine != null ? mine : map.tree(lsn);
    }

    @Override
    public Step treeToWrite(MapAccess<?, ?> map, Workspace workspace, Consumer<TreeRef> found) {
        TreeRef mine = written.get(MapAccess.notNull(map.name(), "the name of the map"));
        if (mine == null) {
            TreeRef tree = map.tree();
            long changed =
                    store.catalogue().changedSince(map.name(), view(workspace).lsn());
            if (changed != 0) {
                workspace.awaitLsn = changed;
                return readsCommitted() ? Step.AWAIT_DURABLE : Step.CONFLICT;
            }
            if (tree != null && !tree.enter(inner)) {
                return Step.CONTENDED;
            }
            if (tree != null) {
                written.put(map.name(), tree);
            }
            mine = tree;
        }
        found.accept(mine);
        return Step.DONE;
    }

    @Override
    public boolean isRegistered() {
        return !readsCommitted();
    }

    @Override
    public Scope over(StoreSnapshot taken) {
        return readsCommitted() ? new StatementScope(this, taken) : this;
    }

    @Override
    public void hasRead(MapAccess<?, ?> map, Workspace workspace) {
        if (reads != null) {
            remember(() -> reads.key(map, workspace));
        }
    }

    @Override
    public void scans(MapAccess<?, ?> map, ScanCursor cursor) {
        if (reads != null) {
            remember(() -> reads.range(map, cursor));
        }
    }

    private void remember(Runnable read) {
        try {
            read.run();
        } catch (LimitExceededException full) {
            // What is not remembered can't be validated.
            doom(full);
            throw full;
        }
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
