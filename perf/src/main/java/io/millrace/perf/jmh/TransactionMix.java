package io.millrace.perf.jmh;

import io.millrace.MapOperations;
import io.millrace.perf.load.Keys;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import reactor.core.publisher.Flux;

/** How many transactions a second, of some reads and some writes each, under snapshot isolation? */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 3, time = 2)
public class TransactionMix {
    /** What a transaction does. */
    @State(Scope.Benchmark)
    public static class Mix {
        /** Reads of a transaction. */
        @Param("2")
        public int reads;

        /** Writes of a transaction. */
        @Param("2")
        public int writes;
    }

    /** Starts a transaction as soon as another one is durable. */
    @Benchmark
    public void transaction(StoreState state, Mix mix, FlightState flight) {
        flight.start(state.store().write(transaction -> {
            MapOperations<byte[], byte[]> map = state.map().in(transaction);
            // Conflicts run this again, on other threads: no use of the driver's random numbers here.
            return Flux.range(0, mix.reads)
                    .concatMap(i -> map.get(randomKey(state)))
                    .thenMany(Flux.range(0, mix.writes).concatMap(i -> map.put(randomKey(state), state.value())))
                    .then();
        }));
    }

    private static byte[] randomKey(StoreState state) {
        return Keys.key(ThreadLocalRandom.current().nextInt(state.entries));
    }
}
