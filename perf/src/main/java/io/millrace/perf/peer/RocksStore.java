package io.millrace.perf.peer;

import io.millrace.perf.compare.Balance;
import io.millrace.perf.compare.Contender;
import io.millrace.perf.compare.KeyValue;
import io.millrace.perf.compare.Session;
import java.nio.file.Path;
import java.util.Iterator;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.CompressionType;
import org.rocksdb.LRUCache;
import org.rocksdb.OptimisticTransactionDB;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Status;
import org.rocksdb.Transaction;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/** RocksDB through JNI, every write with {@code sync=true}; plain, or as an OptimisticTransactionDB. */
public final class RocksStore implements Contender {
    private static final double BLOOM_BITS = 10;
    private static final int RECYCLED_LOGS = 4;
    private static final int JOBS = 2;

    static {
        RocksDB.loadLibrary();
    }

    private final LRUCache cache;
    private final BloomFilter filter = new BloomFilter(BLOOM_BITS);
    private final Options options;
    private final WriteOptions durable = new WriteOptions().setSync(true);
    private final WriteOptions unforced = new WriteOptions();
    private final ReadOptions reading = new ReadOptions();
    private final RocksDB database;
    private final OptimisticTransactionDB transactions;

    /** Opens or creates. */
    public RocksStore(Path directory, long cacheBytes, boolean optimistic) {
        cache = new LRUCache(cacheBytes);
        options = new Options()
                .setCreateIfMissing(true)
                .setMaxBackgroundJobs(JOBS)
                .setRecycleLogFileNum(RECYCLED_LOGS)
                .setCompressionType(CompressionType.NO_COMPRESSION)
                .setTableFormatConfig(
                        new BlockBasedTableConfig().setBlockCache(cache).setFilterPolicy(filter));
        try {
            transactions = optimistic ? OptimisticTransactionDB.open(options, directory.toString()) : null;
            database = optimistic ? transactions : RocksDB.open(options, directory.toString());
        } catch (RocksDBException e) {
            throw failed(e);
        }
    }

    static IllegalStateException failed(RocksDBException e) {
        return new IllegalStateException(e.getMessage(), e);
    }

    RocksDB database() {
        return database;
    }

    WriteOptions durable() {
        return durable;
    }

    ReadOptions reading() {
        return reading;
    }

    @Override
    public String settings() {
        return "WriteOptions.sync=true, block cache, bloom filter of 10 bits, recycled log files, no compression"
                + (transactions == null ? "" : ", OptimisticTransactionDB, transfers retried on conflict");
    }

    @Override
    public boolean hasTransactions() {
        return transactions != null;
    }

    @Override
    public void load(Iterator<KeyValue> entries) {
        try (WriteBatch batch = new WriteBatch()) {
            while (entries.hasNext()) {
                batch.clear();
                for (int i = 0; i < LOAD_BATCH && entries.hasNext(); i++) {
                    KeyValue entry = entries.next();
                    batch.put(entry.key(), entry.value());
                }
                database.write(entries.hasNext() ? unforced : durable, batch);
            }
        } catch (RocksDBException e) {
            throw failed(e);
        }
    }

    @Override
    public Session session() {
        return new RocksSession();
    }

    @Override
    public void close() {
        database.close();
        reading.close();
        durable.close();
        unforced.close();
        options.close();
        filter.close();
        cache.close();
    }

    private final class RocksSession implements Session {
        @Override
        public byte[] get(byte[] key) {
            try {
                return database.get(reading, key);
            } catch (RocksDBException e) {
                throw failed(e);
            }
        }

        @Override
        public void put(byte[] key, byte[] value) {
            try {
                database.put(durable, key, value);
            } catch (RocksDBException e) {
                throw failed(e);
            }
        }

        @Override
        public long scan(byte[] from, long limit, Sink sink) {
            long count = 0;
            try (RocksIterator iterator = database.newIterator(reading)) {
                for (iterator.seek(from); count < limit && iterator.isValid(); iterator.next()) {
                    sink.accept(iterator.key(), iterator.value());
                    count++;
                }
            }
            return count;
        }

        @Override
        public void transfer(byte[] from, byte[] to) {
            while (!tryTransfer(from, to)) {
                Thread.onSpinWait();
            }
        }

        private boolean tryTransfer(byte[] from, byte[] to) {
            try (Transaction transaction = transactions.beginTransaction(durable)) {
                byte[] source = transaction.getForUpdate(reading, from, true);
                byte[] target = transaction.getForUpdate(reading, to, true);
                transaction.put(from, Balance.plus(source, -1));
                transaction.put(to, Balance.plus(target, 1));
                transaction.commit();
                return true;
            } catch (RocksDBException e) {
                Status.Code code = e.getStatus() == null ? null : e.getStatus().getCode();
                if (code == Status.Code.Busy || code == Status.Code.TryAgain) {
                    return false;
                }
                throw failed(e);
            }
        }

        @Override
        public void close() {
            // Nothing of its own.
        }
    }
}
