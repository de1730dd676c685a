package io.millrace.perf.peer;

import io.millrace.perf.compare.Balance;
import io.millrace.perf.compare.Contender;
import io.millrace.perf.compare.KeyValue;
import io.millrace.perf.compare.Session;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Iterator;
import org.lmdbjava.ByteBufferProxy;
import org.lmdbjava.Cursor;
import org.lmdbjava.Dbi;
import org.lmdbjava.DbiFlags;
import org.lmdbjava.Env;
import org.lmdbjava.EnvFlags;
import org.lmdbjava.GetOp;
import org.lmdbjava.Txn;

/** LMDB through lmdbjava, fully synchronous; readers renew one transaction. It has no cache of its own, the page cache is it. */
public final class LmdbStore implements Contender {
    private static final long MAP_BYTES = 64L << 30;
    private static final int READERS = 2048;
    private static final int LARGEST = 4096;

    private final Env<ByteBuffer> environment;
    private final Dbi<ByteBuffer> entries;

    /** Opens or creates. */
    public LmdbStore(Path directory) {
        environment = Env.create(ByteBufferProxy.PROXY_OPTIMAL)
                .setMapSize(MAP_BYTES)
                .setMaxReaders(READERS)
                .setMaxDbs(1)
                .open(directory.toFile(), EnvFlags.MDB_NOTLS, EnvFlags.MDB_NORDAHEAD);
        entries = environment.openDbi("entries", DbiFlags.MDB_CREATE);
    }

    @Override
    public String settings() {
        return "synchronous (no MDB_NOSYNC, no MDB_NOMETASYNC), MDB_NORDAHEAD";
    }

    @Override
    public void load(Iterator<KeyValue> source) {
        ByteBuffer key = ByteBuffer.allocateDirect(LARGEST);
        ByteBuffer value = ByteBuffer.allocateDirect(LARGEST);
        // One transaction: LMDB forces each, and can take it.
        try (Txn<ByteBuffer> transaction = environment.txnWrite()) {
            while (source.hasNext()) {
                KeyValue entry = source.next();
                entries.put(transaction, fill(key, entry.key()), fill(value, entry.value()));
            }
            transaction.commit();
        }
    }

    private static ByteBuffer fill(ByteBuffer buffer, byte[] bytes) {
        return buffer.clear().put(bytes).flip();
    }

    private static byte[] copy(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(buffer.position(), bytes);
        return bytes;
    }

    @Override
    public Session session() {
        return new LmdbSession();
    }

    @Override
    public void close() {
        environment.close();
    }

    private final class LmdbSession implements Session {
        private final ByteBuffer key = ByteBuffer.allocateDirect(LARGEST);
        private final ByteBuffer value = ByteBuffer.allocateDirect(LARGEST);
        private Txn<ByteBuffer> reading;

        private void renew() {
            if (reading == null) {
                reading = environment.txnRead();
            } else {
                reading.renew();
            }
        }

        @Override
        public byte[] get(byte[] wanted) {
            renew();
            try {
                ByteBuffer found = entries.get(reading, fill(key, wanted));
                return found == null ? null : copy(found);
            } finally {
                reading.reset();
            }
        }

        @Override
        public void put(byte[] newKey, byte[] newValue) {
            try (Txn<ByteBuffer> transaction = environment.txnWrite()) {
                entries.put(transaction, fill(key, newKey), fill(value, newValue));
                transaction.commit();
            }
        }

        @Override
        public long scan(byte[] from, long limit, Sink sink) {
            renew();
            long count = 0;
            try (Cursor<ByteBuffer> cursor = entries.openCursor(reading)) {
                boolean found = cursor.get(fill(key, from), GetOp.MDB_SET_RANGE);
                while (found && count < limit) {
                    sink.accept(copy(cursor.key()), copy(cursor.val()));
                    count++;
                    found = count < limit && cursor.next();
                }
            } finally {
                reading.reset();
            }
            return count;
        }

        @Override
        public void transfer(byte[] from, byte[] to) {
            try (Txn<ByteBuffer> transaction = environment.txnWrite()) {
                add(transaction, from, -1);
                add(transaction, to, 1);
                transaction.commit();
            }
        }

        private void add(Txn<ByteBuffer> transaction, byte[] account, long amount) {
            fill(key, account);
            byte[] old = copy(entries.get(transaction, key));
            entries.put(transaction, key, fill(value, Balance.plus(old, amount)));
        }

        @Override
        public void close() {
            if (reading != null) {
                reading.close();
            }
        }
    }
}
