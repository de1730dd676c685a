package io.millrace;

import reactor.core.publisher.Mono;

/**
 * A unit of work that becomes durable and visible as a whole or not at all. Operations go through {@link OrderedMap#in}; they see the snapshot
 * of the transaction's beginning and what the transaction itself wrote.
 *
 * <p>Thread-safe. Operations may be subscribed in parallel; they run one after another, in the order of subscription, and their completion
 * says nothing about durability: that is what the commit's completion is for.
 *
 * <p>An operation that fails with a transaction error (conflict, deadlock, lock time-out, snapshot too old, a failure of the storage) or is a
 * write that is cancelled dooms the transaction: later operations and {@link #commit} fail with the first cause, {@link #rollback} cleans up.
 * Errors in arguments (null, a key too long, an exception of a codec or function) doom nothing.
 *
 * <p>In a function given to {@link Store#write} there is no need to call {@link #commit} or {@link #rollback}.
 */
public interface Transaction extends Snapshot {
    /**
     * Commits. Starts when subscribed, behind the operations subscribed before. Signals on a completion worker once the commit is durable; at
     * once, on the subscribing thread, if nothing was written. Cancelled before the commit record is published, the transaction is rolled
     * back; afterwards the commit stands.
     *
     * <p>Errors: the first cause if the transaction is doomed; {@link IllegalStateException} if it has ended; {@link
     * io.millrace.error.OutcomeUnknownException} if the log failed while the commit was on its way; {@link
     * io.millrace.error.StoreClosedException}.
     */
    Mono<CommitInfo> commit();

    /**
     * Marks the point to which {@link #rollbackTo} can return. Starts when subscribed, behind the operations subscribed before; signals where the
     * last of them ended, or on the subscribing thread.
     *
     * <p>Errors: the first cause if the transaction is doomed; {@link IllegalStateException} if it has ended; {@link
     * io.millrace.error.LimitExceededException} if it has 1024 savepoints.
     */
    Mono<Savepoint> savepoint();

    /**
     * Undoes what was done since {@code savepoint}, which remains; savepoints taken after it are gone, and keys written only since then are free
     * for others. Starts when subscribed, behind the operations subscribed before, and is not stopped by a cancellation. Signals on the
     * subscribing thread if no wait was needed, else on a completion worker. A doomed transaction stays doomed.
     *
     * <p>Errors: the first cause if the transaction is doomed; {@link IllegalStateException} if it has ended, or the savepoint is gone or not its
     * own; {@link io.millrace.error.StorageIoException}, which dooms it.
     */
    Mono<Void> rollbackTo(Savepoint savepoint);

    /**
     * Undoes everything. Starts when subscribed, behind the operations subscribed before, and is not stopped by a cancellation. Signals on the
     * subscribing thread if no wait was needed, else on a completion worker. Completes at once if the transaction is rolled back already.
     *
     * <p>Errors: {@link IllegalStateException} if it was committed; {@link io.millrace.error.StorageIoException}.
     */
    Mono<Void> rollback();
}
