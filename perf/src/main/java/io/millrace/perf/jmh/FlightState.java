package io.millrace.perf.jmh;

import io.millrace.perf.load.InFlight;
import io.millrace.perf.load.Slot;
import java.util.SplittableRandom;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.reactivestreams.Publisher;

/** A number of operations in flight per thread; a benchmark method that starts one waits for the oldest place to become free. */
@State(Scope.Thread)
public class FlightState {
    /** Operations in flight. */
    @Param("64")
    public int inFlight;

    private final SplittableRandom random = new SplittableRandom(1);
    private InFlight flight;

    /** Begins with nothing in flight. */
    @Setup(Level.Iteration)
    public void begin() {
        flight = new InFlight(inFlight);
    }

    /** Waits for what is in flight. */
    @TearDown(Level.Iteration)
    public void end() {
        flight.drain();
    }

    void start(Publisher<?> operation) {
        operation.subscribe(slot());
    }

    Slot slot() {
        return flight.take().begin(System.nanoTime());
    }

    SplittableRandom random() {
        return random;
    }
}
