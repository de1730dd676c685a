package io.millrace.perf.peer;

import io.millrace.perf.compare.Balance;
import io.millrace.perf.compare.Contender;
import io.millrace.perf.compare.KeyValue;
import io.millrace.perf.compare.Session;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import jetbrains.exodus.ArrayByteIterable;
import jetbrains.exodus.ByteIterable;
import jetbrains.exodus.env.Cursor;
import jetbrains.exodus.env.Environment;
import jetbrains.exodus.env.EnvironmentConfig;
import jetbrains.exodus.env.Environments;
import jetbrains.exodus.env.Store;
import jetbrains.exodus.env.StoreConfig;
import jetbrains.exodus.env.Transaction;

/** JetBrains Xodus, environments API, with durable writes of its log. */
public final class XodusStore implements Contender {
    private final Environment environment;
    private final Store store;

    /** Opens or creates. */
    public XodusStore(Path directory, long cacheBytes) {
        environment = Environments.newInstance(
                directory.toFile(),
                new EnvironmentConfig().setLogDurableWrite(true).setMemoryUsage(cacheBytes));
        store = environment.computeInTransaction(
                transaction -> environment.openStore("entries", StoreConfig.WITHOUT_DUPLICATES, transaction));
    }

    @Override
    public String settings() {
        return "exodus.log.durableWrite=true";
    }

    @Override
    public void load(Iterator<KeyValue> entries) {
        while (entries.hasNext()) {
            environment.executeInExclusiveTransaction(transaction -> {
                for (int i = 0; i < LOAD_BATCH && entries.hasNext(); i++) {
                    KeyValue entry = entries.next();
                    store.put(transaction, iterable(entry.key()), iterable(entry.value()));
                }
            });
        }
    }

    private static ByteIterable iterable(byte[] bytes) {
        return new ArrayByteIterable(bytes);
    }

    private static byte[] copy(ByteIterable bytes) {
        return Arrays.copyOf(bytes.getBytesUnsafe(), bytes.getLength());
    }

    @Override
    public Session session() {
        return new XodusSession();
    }

    @Override
    public void close() {
        environment.close();
    }

    private final class XodusSession implements Session {
        @Override
        public byte[] get(byte[] key) {
            return environment.computeInReadonlyTransaction(transaction -> {
                ByteIterable found = store.get(transaction, iterable(key));
                return found == null ? null : copy(found);
            });
        }

        @Override
        public void put(byte[] key, byte[] value) {
            environment.executeInExclusiveTransaction(
                    transaction -> store.put(transaction, iterable(key), iterable(value)));
        }

        @Override
        public long scan(byte[] from, long limit, Sink sink) {
            return environment.computeInReadonlyTransaction(transaction -> {
                long count = 0;
                try (Cursor cursor = store.openCursor(transaction)) {
                    boolean found = cursor.getSearchKeyRange(iterable(from)) != null;
                    while (found && count < limit) {
                        sink.accept(copy(cursor.getKey()), copy(cursor.getValue()));
                        count++;
                        found = count < limit && cursor.getNext();
                    }
                }
                return count;
            });
        }

        @Override
        public void transfer(byte[] from, byte[] to) {
            environment.executeInExclusiveTransaction(transaction -> {
                add(transaction, from, -1);
                add(transaction, to, 1);
            });
        }

        private void add(Transaction transaction, byte[] account, long amount) {
            byte[] old = copy(store.get(transaction, iterable(account)));
            store.put(transaction, iterable(account), iterable(Balance.plus(old, amount)));
        }

        @Override
        public void close() {
            // Nothing of its own.
        }
    }
}
