package io.millrace.perf.jmh;

import io.millrace.Codecs;
import io.millrace.OrderedMap;
import io.millrace.Store;
import io.millrace.StoreOptions;
import io.millrace.perf.Directories;
import io.millrace.perf.load.Keys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import reactor.core.publisher.Flux;

/** A store in a directory of its own, filled, with everything in memory unless the settings say otherwise. */
@State(Scope.Benchmark)
public class StoreState {
    private static final int LOAD_BATCH = 500;
    private static final int LOADS_IN_FLIGHT = 4;

    /** Settings of the store, {@code key=value}, separated by semicolons. */
    @Param("")
    public String settings;

    /** Number of entries. */
    @Param("100000")
    public int entries;

    /** Bytes of a value. */
    @Param("100")
    public int valueSize;

    private Path directory;
    private Store store;
    private OrderedMap<byte[], byte[]> map;
    private byte[] value;

    /** Creates and fills it. */
    @Setup(Level.Trial)
    public void fill() throws IOException {
        directory = Files.createTempDirectory("millrace-bench-");
        store = Store.open(options()).block();
        map = store.map("entries", Codecs.bytes(), Codecs.bytes());
        value = new byte[valueSize];
        new SplittableRandom(1).nextBytes(value);
        Flux.range(0, entries)
                .buffer(LOAD_BATCH)
                .flatMap(
                        numbers -> store.write(transaction -> Flux.fromIterable(numbers)
                                .concatMap(number -> map.in(transaction).put(Keys.key(number), value))
                                .then()),
                        LOADS_IN_FLIGHT)
                .blockLast();
        store.checkpoint().block();
    }

    private StoreOptions options() {
        StoreOptions options = StoreOptions.at(directory).with("buffer-pool.size", "512MiB");
        for (String setting : settings.split(";", -1)) {
            int equals = setting.indexOf('=');
            if (equals > 0) {
                options = options.with(setting.substring(0, equals), setting.substring(equals + 1));
            }
        }
        return options;
    }

    /** Closes and deletes it. */
    @TearDown(Level.Trial)
    public void delete() throws IOException {
        store.close().block();
        Directories.delete(directory);
    }

    Store store() {
        return store;
    }

    OrderedMap<byte[], byte[]> map() {
        return map;
    }

    byte[] value() {
        return value;
    }

    byte[] randomKey(SplittableRandom random) {
        return Keys.key(random.nextInt(entries));
    }
}
