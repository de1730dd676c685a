package io.millrace.perf.peer;

import io.millrace.Codecs;
import io.millrace.Entry;
import io.millrace.MapOperations;
import io.millrace.OrderedMap;
import io.millrace.Range;
import io.millrace.Store;
import io.millrace.StoreOptions;
import io.millrace.Transaction;
import io.millrace.perf.compare.Asynchronous;
import io.millrace.perf.compare.Balance;
import io.millrace.perf.compare.Contender;
import io.millrace.perf.compare.KeyValue;
import io.millrace.perf.compare.Operation;
import io.millrace.perf.compare.Session;
import io.millrace.perf.load.Slot;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Millrace through its public API. */
public final class MillraceStore implements Contender, Asynchronous {
    private static final int SCAN_BATCH = 256;

    private final Store store;
    private final OrderedMap<byte[], byte[]> map;

    /** Opens or creates. */
    public MillraceStore(Path directory, long cacheBytes) {
        store = Store.open(StoreOptions.at(directory).with("buffer-pool.size", (cacheBytes >> 20) + "MiB"))
                .block();
        map = store.map("entries", Codecs.bytes(), Codecs.bytes());
    }

    @Override
    public String settings() {
        return "defaults: wal.sync=force; single operations outside transactions, transfers under snapshot isolation";
    }

    @Override
    public Asynchronous asynchronous() {
        return this;
    }

    @Override
    public void start(Operation operation, Slot slot) {
        publisher(operation).subscribe(slot);
    }

    private Publisher<?> publisher(Operation operation) {
        byte[] key = operation.key();
        return switch (operation.kind()) {
            case GET -> map.get(key);
            case PUT -> map.put(key, operation.value());
            case MODIFY -> map.compute(key, (same, old) -> operation.value());
            case SCAN -> map.scan(Range.from(key).limit(operation.limit()));
            case TRANSFER -> transfer(key, operation.value());
        };
    }

    private Mono<Void> transfer(byte[] from, byte[] to) {
        return store.write(transaction -> move(transaction, from, to));
    }

    private Mono<Void> move(Transaction transaction, byte[] from, byte[] to) {
        MapOperations<byte[], byte[]> accounts = map.in(transaction);
        return accounts.compute(from, (key, old) -> Balance.plus(old, -1))
                .then(accounts.compute(to, (key, old) -> Balance.plus(old, 1)))
                .then();
    }

    @Override
    public void load(Iterator<KeyValue> entries) {
        map.load(Flux.fromIterable(() -> entries).map(entry -> new Entry<>(entry.key(), entry.value())))
                .block();
    }

    @Override
    public Session session() {
        return new Session() {
            @Override
            public byte[] get(byte[] key) {
                return map.get(key).block();
            }

            @Override
            public void put(byte[] key, byte[] value) {
                map.put(key, value).block();
            }

            @Override
            public long scan(byte[] from, long limit, Sink sink) {
                long count = 0;
                for (List<Entry<byte[], byte[]>> batch : map.scanBatches(
                                Range.from(from).limit(limit), SCAN_BATCH)
                        .toIterable()) {
                    for (Entry<byte[], byte[]> entry : batch) {
                        sink.accept(entry.key(), entry.value());
                        count++;
                    }
                }
                return count;
            }

            @Override
            public void transfer(byte[] from, byte[] to) {
                MillraceStore.this.transfer(from, to).block();
            }

            @Override
            public void close() {
                // Nothing of its own.
            }
        };
    }

    @Override
    public void close() {
        store.close().block();
    }
}
