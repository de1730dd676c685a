package io.millrace.perf.peer;

import io.millrace.perf.compare.Balance;
import io.millrace.perf.compare.Contender;
import io.millrace.perf.compare.KeyValue;
import io.millrace.perf.compare.Session;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Map;
import org.mapdb.BTreeMap;
import org.mapdb.DB;
import org.mapdb.DBMaker;
import org.mapdb.Serializer;

/** MapDB with its write-ahead log; a commit takes everything made so far, shared by all that wait. */
public final class MapDbStore implements Contender {
    private final DB database;
    private final BTreeMap<byte[], byte[]> map;
    private final GroupedCommits commits;

    /** Opens or creates. */
    public MapDbStore(Path directory) {
        database = DBMaker.fileDB(directory.resolve("store.mapdb").toFile())
                .transactionEnable()
                // Without it a store whose process was killed is not opened again, the log notwithstanding.
                .checksumHeaderBypass()
                .make();
        map = database.treeMap("entries")
                .keySerializer(Serializer.BYTE_ARRAY_DELTA)
                .valueSerializer(Serializer.BYTE_ARRAY)
                .createOrOpen();
        commits = new GroupedCommits(database::commit);
    }

    @Override
    public String settings() {
        return "transactionEnable (write-ahead log), checksumHeaderBypass, commit after each change, shared by all threads that wait;"
                + " transfers one at a time under a lock";
    }

    @Override
    public void load(Iterator<KeyValue> entries) {
        while (entries.hasNext()) {
            for (int i = 0; i < LOAD_BATCH * 10 && entries.hasNext(); i++) {
                KeyValue entry = entries.next();
                map.put(entry.key(), entry.value());
            }
            database.commit();
        }
    }

    @Override
    public Session session() {
        return new Session() {
            @Override
            public byte[] get(byte[] key) {
                return map.get(key);
            }

            @Override
            public void put(byte[] key, byte[] value) {
                map.put(key, value);
                commits.await();
            }

            @Override
            public long scan(byte[] from, long limit, Sink sink) {
                Iterator<Map.Entry<byte[], byte[]>> entries = map.entryIterator(from, true, null, false);
                long count = 0;
                while (count < limit && entries.hasNext()) {
                    Map.Entry<byte[], byte[]> entry = entries.next();
                    sink.accept(entry.getKey(), entry.getValue());
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
        database.close();
    }
}
