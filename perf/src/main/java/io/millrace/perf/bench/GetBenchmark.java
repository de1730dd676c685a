package io.millrace.perf.bench;

import io.millrace.Codecs;
import io.millrace.OrderedMap;
import io.millrace.Store;
import io.millrace.StoreOptions;
import io.millrace.perf.Directories;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;
import reactor.core.publisher.Flux;

/** A point read of a resident entry through the public API: 16-byte keys, 100-byte values, in random order. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 3, time = 2)
@Threads(1)
public class GetBenchmark {
    private static final int KEY_BYTES = 16;
    private static final int VALUE_BYTES = 100;
    private static final int LOAD_BATCH = 500;
    private static final int LOADS_IN_FLIGHT = 4;

    /** Number of entries. */
    @Param("1000000")
    public int entries;

    private Path directory;
    private Store store;
    private OrderedMap<byte[], byte[]> map;

    /** What each thread has for itself. */
    @State(Scope.Thread)
    public static class Reader {
        private final SplittableRandom random = new SplittableRandom(1);
        private final byte[] key = new byte[KEY_BYTES];
    }

    /** Creates and fills a store that fits into memory. */
    @Setup(Level.Trial)
    public void fill() throws IOException {
        directory = Files.createTempDirectory("millrace-bench-");
        store = Store.open(StoreOptions.at(directory).with("buffer-pool.size", "512MiB"))
                .block();
        map = store.map("entries", Codecs.bytes(), Codecs.bytes());
        byte[] value = new byte[VALUE_BYTES];
        Flux.range(0, entries)
                .buffer(LOAD_BATCH)
                .flatMap(
                        numbers -> store.write(transaction -> Flux.fromIterable(numbers)
                                .concatMap(number -> map.in(transaction).put(key(new byte[KEY_BYTES], number), value))
                                .then()),
                        LOADS_IN_FLIGHT)
                .blockLast();
    }

    /** Closes and deletes it. */
    @TearDown(Level.Trial)
    public void delete() throws IOException {
        store.close().block();
        Directories.delete(directory);
    }

    private static byte[] key(byte[] key, long number) {
        ByteBuffer.wrap(key).putLong(0, number).putLong(Long.BYTES, ~number);
        return key;
    }

    /** Subscribes, and takes the value that is there at once. */
    @Benchmark
    public byte[] get(Reader reader) {
        return map.get(key(reader.key, reader.random.nextInt(entries))).block();
    }
}
