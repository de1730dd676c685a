package io.millrace.perf.bench;

import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;

/**
 * One commit in flight, again and again: subscribes itself to a put and comes back to the driver when that is durable. No operator stands in
 * between. The fields belong to the driver while the slot is with it, and to the signalling thread otherwise; the driver's queue hands them over.
 */
final class CommitSlot implements CoreSubscriber<Void> {
    private final CommitDriver driver;
    private long startedNanos;
    private long endedNanos;
    private Throwable failure;

    CommitSlot(CommitDriver driver) {
        this.driver = driver;
    }

    void begin(long now) {
        startedNanos = now;
    }

    @Override
    public void onSubscribe(Subscription subscription) {
        subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(Void nothing) {
        throw new AssertionError("a put emits nothing");
    }

    @Override
    public void onError(Throwable cause) {
        failure = cause;
        driver.back(this);
    }

    @Override
    public void onComplete() {
        endedNanos = System.nanoTime();
        driver.back(this);
    }

    long latencyNanos() {
        return endedNanos - startedNanos;
    }

    Throwable failure() {
        return failure;
    }
}
