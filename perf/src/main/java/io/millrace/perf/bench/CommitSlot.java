package io.millrace.perf.bench;

import io.millrace.OrderedMap;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;

/**
 * One commit in flight, again and again: subscribes itself to a put, and to the next one when that is durable, on the thread that tells it so. No
 * operator stands in between. The fields are handed over from signal to signal by the store.
 */
final class CommitSlot implements CoreSubscriber<Void> {
    private final OrderedMap<byte[], byte[]> map;
    private final CommitKeys keys;
    private final byte[] value;
    private final CommitDriver.Run run;
    private long startedNanos;

    CommitSlot(OrderedMap<byte[], byte[]> map, CommitKeys keys, byte[] value, CommitDriver.Run run) {
        this.map = map;
        this.keys = keys;
        this.value = value;
        this.run = run;
    }

    void start() {
        byte[] key = keys.next();
        startedNanos = System.nanoTime();
        map.put(key, value).subscribe(this);
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
        run.failed(cause);
    }

    @Override
    public void onComplete() {
        if (run.completed(startedNanos, System.nanoTime())) {
            start();
        }
    }
}
