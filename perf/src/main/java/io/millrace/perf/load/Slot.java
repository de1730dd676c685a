package io.millrace.perf.load;

import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;

/**
 * One operation in flight, again and again: subscribes itself to a publisher, or is told by a callback, and comes back to the driver when that is
 * done. No operator stands in between. The fields belong to the driver while the slot is with it, and to the signalling thread otherwise; the
 * driver's queue hands them over.
 */
public final class Slot implements CoreSubscriber<Object> {
    private final InFlight flight;
    private long startedNanos;
    private long endedNanos;
    private long values;
    private Throwable failure;

    Slot(InFlight flight) {
        this.flight = flight;
    }

    /** The operation begins, or should have begun, at this moment. */
    public Slot begin(long nanos) {
        startedNanos = nanos;
        values = 0;
        return this;
    }

    @Override
    public void onSubscribe(Subscription subscription) {
        subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(Object value) {
        values++;
    }

    @Override
    public void onError(Throwable cause) {
        failure = cause;
        flight.back(this);
    }

    @Override
    public void onComplete() {
        endedNanos = flight.now();
        flight.back(this);
    }

    /** Values that the operation emitted. */
    public long values() {
        return values;
    }

    long latencyNanos() {
        return Math.max(0, endedNanos - startedNanos);
    }

    Throwable failure() {
        return failure;
    }
}
