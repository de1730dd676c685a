package io.millrace.perf.load;

import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.HdrHistogram.Histogram;
import org.agrona.concurrent.ManyToOneConcurrentArrayQueue;

/**
 * A fixed number of operations in flight, started by one thread in a closed loop. It parks when none has come back; the first that does wakes it.
 *
 * <p>One thread at a time takes and drains; signals may come from any thread. A latency goes from {@link Slot#begin} to the completion
 * signal; the time a slot waits for the driver afterwards is not in it.
 */
public final class InFlight {
    private static final int SPINS = 200;
    private static final int DIGITS = 3;
    private static final long MAX_LATENCY_NANOS = TimeUnit.MINUTES.toNanos(10);
    private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(2);

    private final int limit;
    private final LongSupplier clock;
    private final ManyToOneConcurrentArrayQueue<Slot> returned;
    private final Histogram latencies = new Histogram(MAX_LATENCY_NANOS, DIGITS);
    // The driver's own.
    private final ArrayDeque<Slot> free = new ArrayDeque<>();
    private int open;
    private long completed;

    // Written by the driver before it parks, read by whoever finds it parked.
    private volatile Thread driver;
    // Written by the driver, read by the signalling threads, who clear it; volatile: the driver looks into the queue
    // after setting it.
    private volatile boolean parked;

    /** At most {@code limit} at once. */
    public InFlight(int limit) {
        this(limit, System::nanoTime);
    }

    /** With another clock, in nanoseconds. */
    public InFlight(int limit, LongSupplier clock) {
        this.limit = limit;
        this.clock = clock;
        returned = new ManyToOneConcurrentArrayQueue<>(Math.max(2, limit));
    }

    /** A slot to start the next operation with; waits until there is one. */
    public Slot take() {
        Slot slot = free.poll();
        if (slot == null) {
            slot = open < limit ? new Slot(this) : collect();
        }
        open++;
        return slot;
    }

    /** Waits for everything in flight. */
    public void drain() {
        while (open > 0) {
            free.push(collect());
        }
    }

    /** Collects what has come back by now; never waits. */
    public void reap() {
        for (Slot slot = returned.poll(); slot != null; slot = returned.poll()) {
            free.push(collected(slot));
        }
    }

    private Slot collect() {
        return collected(poll());
    }

    private Slot collected(Slot slot) {
        open--;
        if (slot.failure() != null) {
            throw new IllegalStateException("an operation failed: " + slot.failure(), slot.failure());
        }
        completed++;
        latencies.recordValue(Math.min(MAX_LATENCY_NANOS, slot.latencyNanos()));
        return slot;
    }

    private Slot poll() {
        for (int i = 0; i < SPINS; i++) {
            Slot slot = returned.poll();
            if (slot != null) {
                return slot;
            }
            Thread.onSpinWait();
        }
        long begin = System.nanoTime();
        driver = Thread.currentThread();
        while (true) {
            parked = true;
            Slot slot = returned.poll();
            if (slot != null) {
                parked = false;
                return slot;
            }
            if (System.nanoTime() - begin > PATIENCE_NANOS) {
                throw new IllegalStateException(limit + " operations in flight and none has come back for two minutes");
            }
            LockSupport.parkNanos(this, PATIENCE_NANOS);
        }
    }

    /** Called by a slot on the thread that signals it. */
    void back(Slot slot) {
        // There is a place for every slot; the queue may only refuse while another one is being taken out.
        while (!returned.offer(slot)) {
            Thread.onSpinWait();
        }
        if (parked) {
            parked = false;
            LockSupport.unpark(driver);
        }
    }

    long now() {
        return clock.getAsLong();
    }

    /** Operations that are out. */
    public int open() {
        return open;
    }

    /** Operations that have come back and been collected. */
    public long completed() {
        return completed;
    }

    /** Their latencies in nanoseconds. */
    public Histogram latencies() {
        return latencies;
    }
}
