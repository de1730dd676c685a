package io.millrace;

import io.millrace.txn.EncodingBuffer;
import java.util.concurrent.atomic.AtomicLong;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import reactor.util.context.Context;

/** Takes the entries of a {@link Load} from their publisher, on its threads, and hands them over in batches. */
final class LoadSource<K, V> extends BaseSubscriber<Entry<K, V>> {
    private static final int BATCH_BYTES = 256 << 10;

    private final Load load;
    private final MapAccess<K, V> map;
    private final Context context;
    private final EncodingBuffer key = new EncodingBuffer();
    private final EncodingBuffer value = new EncodingBuffer();

    /** Raised by the load's thread before it has more asked for. */
    private final AtomicLong requested;

    private EntryBatch batch = new EntryBatch(BATCH_BYTES);
    private long received;

    LoadSource(Load load, MapAccess<K, V> map, Context context) {
        this.load = load;
        this.map = map;
        this.context = context;
        requested = new AtomicLong(load.firstRequest());
    }

    @Override
    public Context currentContext() {
        return context;
    }

    /** So many more will be asked for in a moment, with {@link #request}. By one thread. */
    void willRequest(long entries) {
        requested.addAndGet(entries);
    }

    long requested() {
        return requested.get();
    }

    @Override
    protected void hookOnSubscribe(Subscription subscription) {
        subscription.request(load.firstRequest());
    }

    @Override
    protected void hookOnNext(Entry<K, V> entry) {
        int keyLength = map.encodeKey(key, entry.key());
        int valueLength = map.encodeValue(value, entry.value());
        batch.add(key, keyLength, value, valueLength);
        value.trim();
        if (++received >= requested.get() || batch.bytes() >= BATCH_BYTES) {
            handOver();
        }
    }

    private void handOver() {
        load.take(batch);
        batch = new EntryBatch(BATCH_BYTES);
    }

    @Override
    protected void hookOnComplete() {
        load.take(batch);
        load.complete();
    }

    @Override
    protected void hookOnError(Throwable failure) {
        load.fail(failure);
    }
}
