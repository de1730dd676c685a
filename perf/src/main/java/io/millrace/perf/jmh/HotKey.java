package io.millrace.perf.jmh;

import io.millrace.perf.load.Keys;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Warmup;

/** How many durable increments a second does a single key take? */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 3, time = 2)
public class HotKey {
    private static final byte[] KEY = Keys.key(0);

    /** Adds one to the first byte of the value. */
    @Benchmark
    public void increment(StoreState state, FlightState flight) {
        flight.start(state.map().compute(KEY, (key, old) -> {
            byte[] next = old.clone();
            next[0]++;
            return next;
        }));
    }
}
