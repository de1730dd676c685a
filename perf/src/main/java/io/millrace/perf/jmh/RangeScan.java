package io.millrace.perf.jmh;

import io.millrace.Range;
import java.util.SplittableRandom;
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

/** What does a scan of some entries from a random key on cost? */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 3, time = 2)
public class RangeScan {
    /** How many entries. */
    @State(Scope.Thread)
    public static class Length {
        /** Entries of one scan. */
        @Param({"100", "10000"})
        public int length;

        private final SplittableRandom random = new SplittableRandom(1);
    }

    /** Scans, and answers the number of entries. */
    @Benchmark
    public Long scan(StoreState state, Length length) {
        return state.map()
                .scan(Range.from(state.randomKey(length.random)).limit(length.length))
                .count()
                .block();
    }
}
