package io.millrace.perf.peer;

import io.millrace.perf.compare.Contender;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** Who takes part, by name. */
public enum Contenders {
    /** This one. */
    MILLRACE("millrace", "Millrace"),
    /** RocksDB as it comes. */
    ROCKSDB("rocksdb", "RocksDB"),
    /** RocksDB with transactions. */
    ROCKSDB_OPTIMISTIC("rocksdb-optimistic", "RocksDB optimistic"),
    /** RocksDB behind a batcher. */
    ROCKSDB_BATCHED("rocksdb-batched", "RocksDB batched"),
    /** LMDB. */
    LMDB("lmdb", "LMDB"),
    /** The storage of H2. */
    MVSTORE("mvstore", "H2 MVStore"),
    /** JetBrains Xodus. */
    XODUS("xodus", "Xodus"),
    /** Berkeley DB Java Edition. */
    BERKELEY("je", "Berkeley DB JE"),
    /** MapDB. */
    MAPDB("mapdb", "MapDB"),
    /** SQLite. */
    SQLITE("sqlite", "SQLite");

    private final String id;
    private final String title;

    Contenders(String id, String title) {
        this.id = id;
        this.title = title;
    }

    /** On the command line and in results. */
    public String id() {
        return id;
    }

    /** For people. */
    public String title() {
        return title;
    }

    /** All ids. */
    public static List<String> ids() {
        return Arrays.stream(values()).map(Contenders::id).toList();
    }

    /** The one with this id. */
    public static Contenders named(String id) {
        return Arrays.stream(values())
                .filter(contender -> contender.id.equals(id))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no contender is called " + id + ", only " + ids()));
    }

    /** Opens or creates it; only here its classes are needed. */
    public Contender open(Path directory, long cacheBytes) {
        return switch (this) {
            case MILLRACE -> new MillraceStore(directory, cacheBytes);
            case ROCKSDB -> new RocksStore(directory, cacheBytes, false);
            case ROCKSDB_OPTIMISTIC -> new RocksStore(directory, cacheBytes, true);
            case ROCKSDB_BATCHED -> new RocksBatchedStore(directory, cacheBytes);
            case LMDB -> new LmdbStore(directory);
            case MVSTORE -> new MvStore(directory, cacheBytes);
            case XODUS -> new XodusStore(directory, cacheBytes);
            case BERKELEY -> new BerkeleyStore(directory, cacheBytes);
            case MAPDB -> new MapDbStore(directory);
            case SQLITE -> new SqliteStore(directory, cacheBytes);
        };
    }
}
