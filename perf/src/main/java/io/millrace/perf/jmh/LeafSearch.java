package io.millrace.perf.jmh;

import io.millrace.Codecs;
import io.millrace.OrderedMap;
import io.millrace.perf.load.Keys;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import reactor.core.publisher.Flux;

/** What does finding an entry cost in a tree that is a single leaf: no descent, all in the processor's cache? */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 3, time = 2)
public class LeafSearch {
    private static final int ENTRIES = 64;
    private static final String MAP = "one leaf";

    /** What each thread has for itself. */
    @State(Scope.Thread)
    public static class Reader {
        private final SplittableRandom random = new SplittableRandom(1);
        private OrderedMap<byte[], byte[]> map;

        /** Fills the leaf. */
        @Setup(Level.Trial)
        public void fill(StoreState state) {
            map = state.store().map(MAP, Codecs.bytes(), Codecs.bytes());
            Flux.range(0, ENTRIES)
                    .concatMap(number -> map.put(Keys.key(number), state.value()))
                    .blockLast();
        }
    }

    /** Finds one of the keys. */
    @Benchmark
    public byte[] get(Reader reader) {
        return reader.map.get(Keys.key(reader.random.nextInt(ENTRIES))).block();
    }
}
