package io.millrace;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.function.Function;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/**
 * One attempt of a {@link WriteRun}: subscribes to what the user's function made, then commits; rolls back what fails. Its end is told to the
 * run once, when nothing of the transaction is left.
 */
final class WriteAttempt<R> implements CoreSubscriber<R> {
    @SuppressWarnings("rawtypes")
    private static final AtomicReferenceFieldUpdater<WriteAttempt, Subscription> WORK =
            AtomicReferenceFieldUpdater.newUpdater(WriteAttempt.class, Subscription.class, "work");

    private final WriteRun<R> run;
    private final StoreTransaction transaction;
    private final AtomicBoolean ended = new AtomicBoolean();
    private final Committing committing = new Committing();

    /** What was subscribed to for the user's function. */
    @SuppressWarnings("unused")
    private volatile Subscription work;

    // Touched by the signals of the work, which follow one another.
    private R value;
    private boolean workDone;

    WriteAttempt(WriteRun<R> run, StoreTransaction transaction) {
        this.run = run;
        this.transaction = transaction;
    }

    /** Begins; called once. */
    void run(Function<? super Transaction, ? extends Mono<R>> function) {
        try {
            MapAccess.notNull(function.apply(transaction), "what the function returned")
                    .subscribe(this);
        } catch (Throwable thrown) {
            onError(thrown);
        }
    }

    @Override
    public Context currentContext() {
        return run.actual().currentContext();
    }

    @Override
    public void onSubscribe(Subscription subscription) {
        if (Operators.setOnce(WORK, this, subscription)) {
            subscription.request(Long.MAX_VALUE);
        }
    }

    @Override
    public void onNext(R next) {
        value = next;
    }

    @Override
    public void onComplete() {
        if (!workDone) {
            workDone = true;
            transaction.commit().subscribe(committing);
        }
    }

    @Override
    public void onError(Throwable failure) {
        if (workDone) {
            Operators.onErrorDropped(failure, currentContext());
        } else {
            workDone = true;
            failed(failure);
        }
    }

    private void failed(Throwable failure) {
        if (ended.compareAndSet(false, true)) {
            transaction.rollback(problem -> {
                if (problem != null && problem != failure) {
                    failure.addSuppressed(problem);
                }
                run.attemptFailed(failure);
            });
        }
    }

    /** Gives up what is not committed. May be called more than once, and after the end. */
    void cancel() {
        Operators.terminate(WORK, this);
        committing.cancel();
        if (ended.compareAndSet(false, true)) {
            transaction.rollback(problem -> run.attemptWithdrawn());
        }
    }

    /** Waits for the commit. */
    private final class Committing extends reactor.core.publisher.BaseSubscriber<CommitInfo> {
        @Override
        public Context currentContext() {
            return WriteAttempt.this.currentContext();
        }

        @Override
        protected void hookOnComplete() {
            if (ended.compareAndSet(false, true)) {
                run.committed(value);
            }
        }

        @Override
        protected void hookOnError(Throwable failure) {
            failed(failure);
        }
    }
}
