package io.millrace.perf.jmh;

import io.millrace.Codecs;
import io.millrace.Entry;
import io.millrace.OrderedMap;
import io.millrace.Store;
import io.millrace.StoreOptions;
import io.millrace.perf.Directories;
import io.millrace.perf.load.Keys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
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
import org.openjdk.jmh.annotations.Warmup;
import reactor.core.publisher.Flux;

/** How long does it take to fill a map with {@code load}, until it is durable, and how large is the data file then? */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 4)
@Measurement(iterations = 6)
public class BulkLoad {
    /** Number of entries. */
    @Param("1000000")
    public int entries;

    /** Bytes of a value. */
    @Param("100")
    public int valueSize;

    /** Whether the keys come in order. */
    @Param("true")
    public boolean sorted;

    private int[] order;
    private byte[] value;
    private Path directory;
    private Store store;
    private OrderedMap<byte[], byte[]> map;
    private long began;

    /** The keys in the order in which they come. */
    @Setup(Level.Trial)
    public void shuffle() {
        SplittableRandom random = new SplittableRandom(1);
        value = new byte[valueSize];
        random.nextBytes(value);
        order = new int[entries];
        for (int i = 0; i < entries; i++) {
            int other = sorted ? i : random.nextInt(i + 1);
            order[i] = order[other];
            order[other] = i;
        }
    }

    /** An empty store. */
    @Setup(Level.Invocation)
    public void open() throws IOException {
        directory = Files.createTempDirectory("millrace-bench-");
        store = Store.open(StoreOptions.at(directory).with("buffer-pool.size", "512MiB"))
                .block();
        map = store.map("entries", Codecs.bytes(), Codecs.bytes());
        began = System.nanoTime();
    }

    /** Loads. */
    @Benchmark
    public long load() {
        return map.load(Flux.range(0, entries).map(i -> new Entry<>(Keys.key(order[i]), value)))
                .block();
    }

    /** Says what came out, and deletes the store. */
    @TearDown(Level.Invocation)
    public void delete() throws IOException {
        double seconds = (System.nanoTime() - began) / 1e9;
        double payload = (double) entries * (Keys.BYTES + valueSize);
        System.out.printf(
                Locale.ROOT,
                "%.2f M entries/s, data file %.3f of the payload%n",
                entries / seconds / 1e6,
                store.stats().dataFileBytes() / payload);
        store.close().block();
        Directories.delete(directory);
    }
}
