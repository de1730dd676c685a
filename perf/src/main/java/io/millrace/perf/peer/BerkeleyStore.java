package io.millrace.perf.peer;

import com.sleepycat.je.Cursor;
import com.sleepycat.je.CursorConfig;
import com.sleepycat.je.Database;
import com.sleepycat.je.DatabaseConfig;
import com.sleepycat.je.DatabaseEntry;
import com.sleepycat.je.Durability;
import com.sleepycat.je.Environment;
import com.sleepycat.je.EnvironmentConfig;
import com.sleepycat.je.LockConflictException;
import com.sleepycat.je.LockMode;
import com.sleepycat.je.OperationStatus;
import com.sleepycat.je.Transaction;
import io.millrace.perf.compare.Balance;
import io.millrace.perf.compare.Contender;
import io.millrace.perf.compare.KeyValue;
import io.millrace.perf.compare.Session;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.concurrent.TimeUnit;

/** Berkeley DB Java Edition, transactional, commits with SYNC; it groups forces itself. */
public final class BerkeleyStore implements Contender {
    private static final long LOCK_TIMEOUT_SECONDS = 30;

    private final Environment environment;
    private final Database database;

    /** Opens or creates. */
    public BerkeleyStore(Path directory, long cacheBytes) {
        EnvironmentConfig config = new EnvironmentConfig();
        config.setAllowCreate(true)
                .setTransactional(true)
                .setDurability(Durability.COMMIT_SYNC)
                .setCacheSize(cacheBytes);
        // Deadlocks are detected at once; 500 ms, the default, is less than a crowd of writers may wait.
        config.setLockTimeout(LOCK_TIMEOUT_SECONDS, TimeUnit.SECONDS);
        environment = new Environment(directory.toFile(), config);
        database = environment.openDatabase(
                null, "entries", new DatabaseConfig().setAllowCreate(true).setTransactional(true));
    }

    @Override
    public String settings() {
        return "transactional, Durability.COMMIT_SYNC, key locks, transfers retried on deadlock";
    }

    @Override
    public void load(Iterator<KeyValue> entries) {
        while (entries.hasNext()) {
            Transaction transaction = environment.beginTransaction(null, null);
            for (int i = 0; i < LOAD_BATCH && entries.hasNext(); i++) {
                KeyValue entry = entries.next();
                database.put(transaction, new DatabaseEntry(entry.key()), new DatabaseEntry(entry.value()));
            }
            transaction.commit(entries.hasNext() ? Durability.COMMIT_NO_SYNC : Durability.COMMIT_SYNC);
        }
    }

    @Override
    public Session session() {
        return new BerkeleySession();
    }

    @Override
    public void close() {
        database.close();
        environment.close();
    }

    private final class BerkeleySession implements Session {
        @Override
        public byte[] get(byte[] key) {
            DatabaseEntry value = new DatabaseEntry();
            OperationStatus status = database.get(null, new DatabaseEntry(key), value, LockMode.READ_COMMITTED);
            return status == OperationStatus.SUCCESS ? value.getData() : null;
        }

        @Override
        public void put(byte[] key, byte[] value) {
            database.put(null, new DatabaseEntry(key), new DatabaseEntry(value));
        }

        @Override
        public long scan(byte[] from, long limit, Sink sink) {
            DatabaseEntry key = new DatabaseEntry(from);
            DatabaseEntry value = new DatabaseEntry();
            long count = 0;
            try (Cursor cursor = database.openCursor(null, CursorConfig.READ_COMMITTED)) {
                OperationStatus status = cursor.getSearchKeyRange(key, value, LockMode.DEFAULT);
                while (status == OperationStatus.SUCCESS && count < limit) {
                    sink.accept(key.getData(), value.getData());
                    count++;
                    status = count < limit ? cursor.getNext(key, value, LockMode.DEFAULT) : OperationStatus.NOTFOUND;
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
            Transaction transaction = environment.beginTransaction(null, null);
            try {
                add(transaction, from, -1);
                add(transaction, to, 1);
                transaction.commit();
                return true;
            } catch (LockConflictException e) {
                transaction.abort();
                return false;
            }
        }

        private void add(Transaction transaction, byte[] account, long amount) {
            DatabaseEntry key = new DatabaseEntry(account);
            DatabaseEntry value = new DatabaseEntry();
            database.get(transaction, key, value, LockMode.RMW);
            database.put(transaction, key, new DatabaseEntry(Balance.plus(value.getData(), amount)));
        }

        @Override
        public void close() {
            // Nothing of its own.
        }
    }
}
