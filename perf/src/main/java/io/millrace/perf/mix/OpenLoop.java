package io.millrace.perf.mix;

import io.millrace.perf.load.InFlight;
import io.millrace.perf.load.Slot;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.HdrHistogram.Histogram;

/**
 * Starts operations at the moments they are due, evenly spaced, however long the ones before take. A latency goes from the moment an operation was
 * due, not from when it could be started: a stall of a second makes all that were due meanwhile as late as they were (no coordinated omission).
 *
 * <p>Where more operations are out than the limit, the next one waits, and its waiting counts. One thread.
 */
final class OpenLoop {
    private static final int MOST_IN_FLIGHT = 1 << 16;
    private static final double NANOS_PER_SECOND = 1e9;

    private final Pacer pacer;
    private final double rate;
    private final Consumer<Slot> target;
    private final InFlight flight;
    private long arrived;
    private long lastArrivalNanos;
    private long beginNanos;

    /** @param target starts one operation, whose end completes the slot */
    OpenLoop(Pacer pacer, double rate, Consumer<Slot> target) {
        this.pacer = pacer;
        this.rate = rate;
        this.target = target;
        flight = new InFlight(MOST_IN_FLIGHT, pacer::nanos);
    }

    /** Runs for so long and waits for what is out then; {@code everySecond} is given the seconds gone by. */
    void run(double seconds, LongConsumer everySecond) {
        long count = Math.round(rate * seconds);
        beginNanos = pacer.nanos();
        long nextSecond = 1;
        for (arrived = 0; arrived < count; arrived++) {
            long due = beginNanos + (long) (arrived * NANOS_PER_SECOND / rate);
            awaitMoment(due);
            lastArrivalNanos = pacer.nanos();
            target.accept(flight.take().begin(due));
            if (lastArrivalNanos - beginNanos >= nextSecond * NANOS_PER_SECOND) {
                everySecond.accept(nextSecond);
                nextSecond = 1 + (long) ((lastArrivalNanos - beginNanos) / NANOS_PER_SECOND);
            }
        }
        flight.drain();
    }

    private void awaitMoment(long due) {
        for (long left = due - pacer.nanos(); left > 0; left = due - pacer.nanos()) {
            flight.reap();
            pacer.waitFor(left);
        }
        flight.reap();
    }

    /** Operations started so far. */
    long arrived() {
        return arrived;
    }

    /** Operations out now. */
    int open() {
        return flight.open();
    }

    /** Operations started per second, from the first to the last. */
    double arrivalRate() {
        return (arrived - 1) * NANOS_PER_SECOND / (lastArrivalNanos - beginNanos);
    }

    /** Latencies in nanoseconds. */
    Histogram latencies() {
        return flight.latencies();
    }
}
