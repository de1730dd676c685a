package io.millrace.perf.verify;

import io.millrace.Codecs;
import io.millrace.OrderedMap;
import io.millrace.Store;
import io.millrace.StoreOptions;
import io.millrace.Transaction;
import io.millrace.btree.Salvage;
import io.millrace.btree.SalvageReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** The store that salvaged entries are written to, a transaction for every thousand of them. One thread. */
final class NewStore implements AutoCloseable {
    private static final int BATCH = 1000;

    private final Store store;
    private final Map<String, OrderedMap<byte[], byte[]>> maps = new HashMap<>();
    private final List<Function<Transaction, Mono<Void>>> batch = new ArrayList<>();

    private NewStore(Store store) {
        this.store = store;
    }

    /** Creates it; pages are as large as the old one's, so that every key and value fits. */
    static NewStore at(Path target, int pageSize) throws IOException {
        Files.createDirectories(target);
        StoreOptions options = StoreOptions.at(target).with("buffer-pool.page-size", pageSize + "B");
        return new NewStore(Store.open(options).block());
    }

    SalvageReport takeFrom(Salvage salvage) {
        SalvageReport report = salvage.run(this::take);
        write();
        return report;
    }

    private void take(String map, byte[] key, byte[] value) {
        batch.add(transaction -> map(map).in(transaction).put(key, value));
        if (batch.size() == BATCH) {
            write();
        }
    }

    private void write() {
        store.write(transaction -> Flux.fromIterable(batch)
                        .concatMap(put -> put.apply(transaction))
                        .then())
                .block();
        batch.clear();
    }

    private OrderedMap<byte[], byte[]> map(String name) {
        return maps.computeIfAbsent(name, unused -> store.map(name, Codecs.bytes(), Codecs.bytes()));
    }

    @Override
    public void close() {
        store.close().block();
    }
}
