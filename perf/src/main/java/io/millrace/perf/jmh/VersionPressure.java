package io.millrace.perf.jmh;

import io.millrace.Transaction;
import io.millrace.TransactionOptions;
import io.millrace.perf.load.Keys;
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

/** What do updates cost while a snapshot keeps the version before each of them? */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 3, time = 2)
public class VersionPressure {
    private static final int KEYS = 1000;

    /** A snapshot that lasts as long as an iteration. */
    @State(Scope.Benchmark)
    public static class OldSnapshot {
        /** Whether there is one: the difference is the price. */
        @Param({"true", "false"})
        public boolean snapshot;

        private Transaction transaction;

        /** Takes it. */
        @Setup(Level.Iteration)
        public void begin(StoreState state) {
            if (snapshot) {
                transaction = state.store().begin(TransactionOptions.defaults()).block();
            }
        }

        /** Lets it go. */
        @TearDown(Level.Iteration)
        public void end() {
            if (snapshot) {
                transaction.rollback().block();
            }
        }
    }

    /** Overwrites one of a few keys. */
    @Benchmark
    public void put(StoreState state, OldSnapshot old, FlightState flight) {
        flight.start(state.map().put(Keys.key(flight.random().nextInt(KEYS)), state.value()));
    }
}
