package io.millrace.perf.peer;

import io.millrace.perf.compare.Balance;
import io.millrace.perf.compare.Contender;
import io.millrace.perf.compare.KeyValue;
import io.millrace.perf.compare.Session;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Iterator;
import java.util.concurrent.locks.ReentrantLock;

/**
 * SQLite through JDBC, write-ahead log with synchronous=FULL. One connection writes, guarded by a fair lock, which serves many threads better than
 * SQLite's own retrying; each session reads through its own.
 */
public final class SqliteStore implements Contender {
    private static final String GET = "SELECT v FROM entries WHERE k = ?";
    private static final String PUT =
            "INSERT INTO entries (k, v) VALUES (?, ?) ON CONFLICT (k) DO UPDATE SET v = excluded.v";
    private static final String SCAN = "SELECT k, v FROM entries WHERE k >= ? ORDER BY k LIMIT ?";

    private static final int CACHES = 16;

    private final String url;
    private final long cacheBytes;
    private final ReentrantLock lock = new ReentrantLock(true);
    private final Connection writing;
    private final PreparedStatement put;
    private final PreparedStatement getInside;

    /** Opens or creates. */
    public SqliteStore(Path directory, long cacheBytes) {
        url = "jdbc:sqlite:" + directory.resolve("store.sqlite");
        this.cacheBytes = cacheBytes;
        try {
            writing = connect();
            try (Statement statement = writing.createStatement()) {
                statement.execute("CREATE TABLE IF NOT EXISTS entries (k BLOB PRIMARY KEY, v BLOB) WITHOUT ROWID");
            }
            put = writing.prepareStatement(PUT);
            getInside = writing.prepareStatement(GET);
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    private Connection connect() throws SQLException {
        Connection connection = DriverManager.getConnection(url);
        try (Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA journal_mode = WAL");
            statement.execute("PRAGMA synchronous = FULL");
            // Each connection has a cache of its own; what all share is the map of the file.
            statement.execute("PRAGMA cache_size = -" + (cacheBytes >> 10) / CACHES);
            statement.execute("PRAGMA mmap_size = " + cacheBytes);
        }
        return connection;
    }

    private static IllegalStateException failed(SQLException e) {
        return new IllegalStateException(e.getMessage(), e);
    }

    @Override
    public String settings() {
        return "journal_mode=WAL, synchronous=FULL, mmap_size = the cache's size, WITHOUT ROWID, one writing connection behind a fair lock";
    }

    private interface Change {
        void run() throws SQLException;
    }

    private void inTransaction(Change change) {
        lock.lock();
        try {
            writing.setAutoCommit(false);
            change.run();
            writing.commit();
        } catch (SQLException e) {
            throw failed(e);
        } finally {
            lock.unlock();
        }
    }

    private void write(byte[] key, byte[] value) throws SQLException {
        put.setBytes(1, key);
        put.setBytes(2, value);
        put.executeUpdate();
    }

    @Override
    public void load(Iterator<KeyValue> entries) {
        while (entries.hasNext()) {
            inTransaction(() -> {
                for (int i = 0; i < LOAD_BATCH && entries.hasNext(); i++) {
                    KeyValue entry = entries.next();
                    write(entry.key(), entry.value());
                }
            });
        }
    }

    @Override
    public Session session() {
        return new SqliteSession();
    }

    @Override
    public void close() {
        try {
            writing.close();
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    private final class SqliteSession implements Session {
        private Connection reading;
        private PreparedStatement get;
        private PreparedStatement scan;

        private void connectForReading() throws SQLException {
            if (reading == null) {
                reading = connect();
                get = reading.prepareStatement(GET);
                scan = reading.prepareStatement(SCAN);
            }
        }

        @Override
        public byte[] get(byte[] key) {
            try {
                connectForReading();
                return first(get, key);
            } catch (SQLException e) {
                throw failed(e);
            }
        }

        private byte[] first(PreparedStatement query, byte[] key) throws SQLException {
            query.setBytes(1, key);
            try (ResultSet found = query.executeQuery()) {
                return found.next() ? found.getBytes(1) : null;
            }
        }

        @Override
        public void put(byte[] key, byte[] value) {
            inTransaction(() -> write(key, value));
        }

        @Override
        public long scan(byte[] from, long limit, Sink sink) {
            try {
                connectForReading();
                scan.setBytes(1, from);
                scan.setLong(2, limit);
                long count = 0;
                try (ResultSet found = scan.executeQuery()) {
                    while (found.next()) {
                        sink.accept(found.getBytes(1), found.getBytes(2));
                        count++;
                    }
                }
                return count;
            } catch (SQLException e) {
                throw failed(e);
            }
        }

        @Override
        public void transfer(byte[] from, byte[] to) {
            inTransaction(() -> {
                write(from, Balance.plus(first(getInside, from), -1));
                write(to, Balance.plus(first(getInside, to), 1));
            });
        }

        @Override
        public void close() {
            try {
                if (reading != null) {
                    reading.close();
                }
            } catch (SQLException e) {
                throw failed(e);
            }
        }
    }
}
