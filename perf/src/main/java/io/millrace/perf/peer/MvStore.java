package io.millrace.perf.peer;

import io.millrace.perf.compare.Balance;
import io.millrace.perf.compare.Contender;
import io.millrace.perf.compare.KeyValue;
import io.millrace.perf.compare.Session;
import java.nio.file.Path;
import java.util.Iterator;
import org.h2.mvstore.Cursor;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.type.ByteArrayDataType;

/** The MVStore of H2: commit and sync after every change, shared by all that wait. Its objects live on the heap; they are copied out. */
public final class MvStore implements Contender {
    private final MVStore store;
    private final MVMap<byte[], byte[]> map;
    private final GroupedCommits commits;

    /** Opens or creates. */
    public MvStore(Path directory, long cacheBytes) {
        store = new MVStore.Builder()
                .fileName(directory.resolve("store.mv").toString())
                .cacheSize((int) (cacheBytes >> 20))
                .autoCommitDisabled()
                .open();
        map = store.openMap(
                "entries",
                new MVMap.Builder<byte[], byte[]>()
                        .keyType(ByteArrayDataType.INSTANCE)
                        .valueType(ByteArrayDataType.INSTANCE));
        commits = new GroupedCommits(() -> {
            store.commit();
            store.sync();
        });
    }

    @Override
    public String settings() {
        return "commit and sync after each change, shared by all threads that wait; transfers one at a time under a lock";
    }

    @Override
    public void load(Iterator<KeyValue> entries) {
        while (entries.hasNext()) {
            for (int i = 0; i < LOAD_BATCH && entries.hasNext(); i++) {
                KeyValue entry = entries.next();
                map.put(entry.key(), entry.value());
            }
            store.commit();
        }
        store.sync();
    }

    @Override
    public Session session() {
        return new Session() {
            @Override
            public byte[] get(byte[] key) {
                byte[] value = map.get(key);
                return value == null ? null : value.clone();
            }

            @Override
            public void put(byte[] key, byte[] value) {
                map.put(key, value);
                commits.await();
            }

            @Override
            public long scan(byte[] from, long limit, Sink sink) {
                Cursor<byte[], byte[]> cursor = map.cursor(from);
                long count = 0;
                while (count < limit && cursor.hasNext()) {
                    byte[] key = cursor.next();
                    sink.accept(key.clone(), cursor.getValue().clone());
                    count++;
                }
                return count;
            }

            @Override
            public void transfer(byte[] from, byte[] to) {
                commits.alone(() -> {
                    map.put(from, Balance.plus(map.get(from), -1));
                    map.put(to, Balance.plus(map.get(to), 1));
                });
                commits.await();
            }

            @Override
            public void close() {
                // Nothing of its own.
            }
        };
    }

    @Override
    public void close() {
        store.close();
    }
}
