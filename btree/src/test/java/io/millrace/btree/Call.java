package io.millrace.btree;

import io.millrace.txn.Operation;
import io.millrace.txn.OperationContext;
import io.millrace.txn.Rollback;
import io.millrace.txn.Step;
import io.millrace.txn.Transaction;
import io.millrace.txn.UndoHandler;
import io.millrace.txn.Workspace;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/** An operation made of a lambda, for which a test waits. */
final class Call<T> extends Operation {
    /** A transaction lost against another. */
    static final class Conflict extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Conflict(long winnerLsn) {
            super("conflict with " + winnerLsn);
        }
    }

    /** Another transaction holds the lock. */
    static final class Locked extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Locked(long holder) {
            super("locked by " + Long.toHexString(holder));
        }
    }

    private static final int PATIENCE_SECONDS = 60;

    private final Function<Workspace, Step> step;
    private final Function<Workspace, T> result;
    private final CompletableFuture<T> future = new CompletableFuture<>();
    private T answer;

    Call(OperationContext context, Function<Workspace, Step> step, Function<Workspace, T> result) {
        super(context);
        this.step = step;
        this.result = result;
    }

    static void rollback(OperationContext context, Transaction transaction, UndoHandler undo) {
        CompletableFuture<Void> future = new CompletableFuture<>();
        Rollback.whole(context, transaction, undo, () -> future.complete(null), future::completeExceptionally)
                .start();
        await(future);
    }

    T await() {
        start();
        return await(future);
    }

    private static <R> R await(CompletableFuture<R> future) {
        try {
            return future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new AssertionError(e.getCause());
        } catch (InterruptedException | TimeoutException e) {
            throw new AssertionError("the operation does not end", e);
        }
    }

    @Override
    protected Step step(Workspace workspace) {
        Step outcome = step.apply(workspace);
        if (outcome == Step.DONE) {
            answer = result.apply(workspace);
        }
        return outcome;
    }

    @Override
    protected void done() {
        future.complete(answer);
    }

    @Override
    protected void failed(Throwable cause) {
        future.completeExceptionally(cause);
    }

    @Override
    protected void locked(long holder) {
        endLater(new Locked(holder));
    }

    @Override
    protected void conflicted(long winnerLsn) {
        future.completeExceptionally(new Conflict(winnerLsn));
    }
}
