package io.millrace;

import io.millrace.error.MillraceException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.function.Function;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;

/**
 * One subscription of {@code store.write}: begin, work, commit; after a failure roll back, and after a transient one try again. One object in
 * place of a chain of operators, which cost more than the work of a small transaction.
 *
 * <p>At any time there is one {@link WriteAttempt} at most, and what follows one another runs on the thread that ended the last thing, or on a
 * worker. The result is held until it is requested. Cancelling rolls back what is not committed, on whatever thread the rollback ends.
 */
final class WriteRun<R> implements Subscription {
    private static final long FIRST_PAUSE_NANOS = TimeUnit.MICROSECONDS.toNanos(200);
    private static final long LONGEST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final int MAX_DOUBLINGS = 9;

    private static final int REQUESTED = 1;
    private static final int CANCELLED = 1 << 1;
    /** Result or error is there; set once. */
    private static final int READY = 1 << 2;

    @SuppressWarnings("rawtypes")
    private static final AtomicIntegerFieldUpdater<WriteRun> STATE =
            AtomicIntegerFieldUpdater.newUpdater(WriteRun.class, "state");

    private final StoreEngine store;
    private final TransactionOptions options;
    private final Function<? super Transaction, ? extends Mono<R>> work;
    private final CoreSubscriber<? super R> actual;
    private final ContentionLines.Place place = new ContentionLines.Place();
    /** Attempts that are due; whoever makes it one runs them, so that one that ends at once does not nest in the next. */
    private final AtomicInteger due = new AtomicInteger();

    /** The bits above; any thread, atomic updates. */
    private volatile int state;

    /** The newest attempt; written by whoever runs attempts, read by whoever cancels. */
    private volatile WriteAttempt<R> attempt;

    /** A pause that may have to be given up; written before the pause begins, read by whoever cancels. */
    private volatile Timer.Alarm pause;

    // Touched by what follows one another.
    private int retries;
    private R result;

    WriteRun(
            StoreEngine store,
            TransactionOptions options,
            Function<? super Transaction, ? extends Mono<R>> work,
            CoreSubscriber<? super R> actual) {
        this.store = store;
        this.options = options;
        this.work = work;
        this.actual = actual;
    }

    /** Called once, after {@code onSubscribe}. */
    void start() {
        if (options == null || work == null) {
            fail(new NullPointerException((options == null ? "the options are" : "the function is") + " null"));
        } else {
            nextAttempt();
        }
    }

    private void nextAttempt() {
        if (due.getAndIncrement() != 0) {
            return;
        }
        do {
            runAttempt();
        } while (due.decrementAndGet() != 0);
    }

    private void runAttempt() {
        if (isCancelled()) {
            leaveLines();
            return;
        }
        StoreTransaction transaction;
        try {
            transaction = StoreTransaction.begin(store, options, place);
        } catch (RuntimeException failure) {
            attemptFailed(failure);
            return;
        }
        WriteAttempt<R> next = new WriteAttempt<>(this, transaction);
        attempt = next;
        if (isCancelled()) {
            next.cancel();
        } else {
            next.run(work);
        }
    }

    /** The attempt is committed, and durable unless it was to be relaxed. */
    void committed(R value) {
        leaveLines();
        result = value;
        int before = set(READY);
        if ((before & CANCELLED) != 0) {
            result = null;
        } else if (value == null) {
            actual.onComplete();
        } else if ((before & REQUESTED) != 0) {
            deliver();
        }
    }

    /** The attempt has failed and is rolled back, or never began. */
    void attemptFailed(Throwable failure) {
        int allowed = options.retries() >= 0 ? options.retries() : store.transactionRetries();
        boolean again = failure instanceof MillraceException known && known.isTransient() && retries < allowed;
        if (isCancelled()) {
            leaveLines();
        } else if (again) {
            retries++;
            pauseAndTryAgain();
        } else {
            fail(failure);
        }
    }

    /** A cancelled attempt is over. */
    void attemptWithdrawn() {
        leaveLines();
    }

    private void pauseAndTryAgain() {
        if (place.hasLost()) {
            store.lines().reach(place, this::nextAttempt);
        } else {
            pause = store.timer().set(randomPause(), () -> store.workers().execute(this::nextAttempt));
        }
        if (isCancelled()) {
            endPause();
        }
    }

    private long randomPause() {
        long longest = FIRST_PAUSE_NANOS << Math.min(MAX_DOUBLINGS, retries - 1);
        return Long.remainderUnsigned(store.threads().random(), Math.min(LONGEST_PAUSE_NANOS, longest));
    }

    private void endPause() {
        Timer.Alarm alarm = pause;
        if (alarm != null) {
            alarm.cancel();
        }
        leaveLines();
    }

    private void leaveLines() {
        store.lines().leave(place);
    }

    private void fail(Throwable failure) {
        leaveLines();
        if ((set(READY) & CANCELLED) == 0) {
            actual.onError(failure);
        }
    }

    private void deliver() {
        R value = result;
        result = null;
        actual.onNext(value);
        actual.onComplete();
    }

    @Override
    public void request(long n) {
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
    public void cancel() {
        int before = set(CANCELLED);
        if ((before & CANCELLED) == 0) {
            withdraw(before);
        }
    }

    private void withdraw(int before) {
        if ((before & READY) != 0) {
            return;
        }
        WriteAttempt<R> running = attempt;
        if (running != null) {
            running.cancel();
        }
        endPause();
    }

    boolean isCancelled() {
        return (state & CANCELLED) != 0;
    }

    CoreSubscriber<? super R> actual() {
        return actual;
    }

    private int set(int bit) {
        return STATE.getAndUpdate(this, bits -> bits | bit);
    }
}
