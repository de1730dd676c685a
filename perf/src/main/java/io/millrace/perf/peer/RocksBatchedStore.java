package io.millrace.perf.peer;

import io.millrace.perf.compare.Asynchronous;
import io.millrace.perf.compare.Balance;
import io.millrace.perf.compare.Contender;
import io.millrace.perf.compare.KeyValue;
import io.millrace.perf.compare.Operation;
import io.millrace.perf.compare.Session;
import io.millrace.perf.load.InFlight;
import io.millrace.perf.load.Slot;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteBatchWithIndex;

/**
 * RocksDB behind a batcher written by hand: one thread folds whatever was asked for since its last write into one batch, and writes that with a
 * single force. Reads happen at once on the caller's thread. The most that can be made of a blocking store with many operations in flight.
 */
public final class RocksBatchedStore implements Contender, Asynchronous {
    private record Request(Operation operation, Slot slot) {}

    private static final Request END = new Request(null, null);

    private final RocksStore rocks;
    private final Session reader;
    private final LinkedBlockingQueue<Request> requests = new LinkedBlockingQueue<>();
    private final Thread writer = new Thread(this::run, "batcher");

    /** Opens or creates. */
    public RocksBatchedStore(Path directory, long cacheBytes) {
        rocks = new RocksStore(directory, cacheBytes, false);
        reader = rocks.session();
        writer.setDaemon(true);
        writer.start();
    }

    @Override
    public String settings() {
        return rocks.settings() + ", one thread folding all waiting changes into one synced write";
    }

    @Override
    public Asynchronous asynchronous() {
        return this;
    }

    @Override
    public void start(Operation operation, Slot slot) {
        switch (operation.kind()) {
            case PUT, TRANSFER -> requests.add(new Request(operation, slot));
            case MODIFY -> {
                reader.get(operation.key());
                requests.add(new Request(operation, slot));
            }
            case GET, SCAN -> {
                reader.run(operation);
                slot.onComplete();
            }
        }
    }

    private void run() {
        List<Request> group = new ArrayList<>();
        try {
            while (true) {
                group.clear();
                group.add(requests.take());
                requests.drainTo(group);
                boolean last = group.remove(END);
                write(group);
                group.forEach(request -> request.slot.onComplete());
                if (last) {
                    return;
                }
            }
        } catch (RocksDBException | InterruptedException e) {
            group.forEach(request -> request.slot.onError(e));
        }
    }

    private void write(List<Request> group) throws RocksDBException {
        boolean transfers = group.stream().anyMatch(request -> request.operation.kind() == Operation.Kind.TRANSFER);
        if (transfers) {
            // Nobody else writes: read what the batch has so far, else the store.
            try (WriteBatchWithIndex batch = new WriteBatchWithIndex(true)) {
                for (Request request : group) {
                    add(batch, request.operation);
                }
                rocks.database().write(rocks.durable(), batch);
            }
        } else if (!group.isEmpty()) {
            try (WriteBatch batch = new WriteBatch()) {
                for (Request request : group) {
                    batch.put(request.operation.key(), request.operation.value());
                }
                rocks.database().write(rocks.durable(), batch);
            }
        }
    }

    private void add(WriteBatchWithIndex batch, Operation operation) throws RocksDBException {
        if (operation.kind() != Operation.Kind.TRANSFER) {
            batch.put(operation.key(), operation.value());
            return;
        }
        byte[] from = batch.getFromBatchAndDB(rocks.database(), rocks.reading(), operation.key());
        batch.put(operation.key(), Balance.plus(from, -1));
        byte[] to = batch.getFromBatchAndDB(rocks.database(), rocks.reading(), operation.value());
        batch.put(operation.value(), Balance.plus(to, 1));
    }

    @Override
    public void load(Iterator<KeyValue> entries) {
        rocks.load(entries);
    }

    @Override
    public Session session() {
        return new BatchedSession();
    }

    @Override
    public void close() {
        requests.add(END);
        try {
            writer.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        rocks.close();
    }

    /** Reads at once; hands changes to the batcher and waits. */
    private final class BatchedSession implements Session {
        private final InFlight flight = new InFlight(1);

        @Override
        public byte[] get(byte[] key) {
            return reader.get(key);
        }

        @Override
        public void put(byte[] key, byte[] value) {
            await(new Operation(Operation.Kind.PUT, key, value, 0));
        }

        @Override
        public long scan(byte[] from, long limit, Sink sink) {
            return reader.scan(from, limit, sink);
        }

        @Override
        public void transfer(byte[] from, byte[] to) {
            await(new Operation(Operation.Kind.TRANSFER, from, to, 0));
        }

        private void await(Operation operation) {
            start(operation, flight.take().begin(System.nanoTime()));
            flight.drain();
        }

        @Override
        public void close() {
            // Nothing of its own.
        }
    }
}
