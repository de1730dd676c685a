package io.millrace.perf.bench;

import io.millrace.OrderedMap;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.agrona.concurrent.ManyToOneConcurrentArrayQueue;

/**
 * The one thread that starts commits: keeps a fixed number in flight, in a closed loop. It parks when none has come back; the first that does
 * wakes it.
 *
 * <p>A latency goes from the subscription to the completion signal. Time that a slot spends waiting for the driver afterwards is not in it: where
 * the driver is the limit, fewer than the given number are really in flight, and records per force show it.
 */
final class CommitDriver {
    private static final int KEY_BYTES = 16;
    private static final int SPINS = 200;
    private static final long MAX_LATENCY_NANOS = TimeUnit.MINUTES.toNanos(10);
    private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(2);
    private static final int DIGITS = 3;

    private final OrderedMap<byte[], byte[]> map;
    private final long keys;
    private final byte[] value;
    private final int inFlight;
    private final SplittableRandom random;
    private final ManyToOneConcurrentArrayQueue<CommitSlot> returned;
    private final Thread thread = Thread.currentThread();
    private final Histogram latencies = new Histogram(MAX_LATENCY_NANOS, DIGITS);

    // Written by the driver, read by the signalling threads, who clear it; volatile: the driver looks into the queue
    // after setting it.
    private volatile boolean parked;
    private int open;

    /** The thread that calls this is the driver. */
    CommitDriver(OrderedMap<byte[], byte[]> map, CommitBenchOptions options, int inFlight) {
        this.map = map;
        this.keys = options.keys();
        this.value = new byte[options.valueSize()];
        this.inFlight = inFlight;
        this.random = new SplittableRandom(inFlight);
        this.returned = new ManyToOneConcurrentArrayQueue<>(Math.max(2, inFlight));
        random.nextBytes(value);
    }

    /** Runs for this long and waits for what is in flight then; answers the number of commits that came back in time. */
    long run(double seconds) {
        latencies.reset();
        long limit = (long) (seconds * 1e9);
        long begin = System.nanoTime();
        for (int i = 0; i < inFlight; i++) {
            start(new CommitSlot(this));
        }
        while (System.nanoTime() - begin < limit) {
            CommitSlot slot = take();
            finish(slot);
            start(slot);
        }
        long inTime = latencies.getTotalCount();
        while (open > 0) {
            finish(take());
        }
        return inTime;
    }

    private void start(CommitSlot slot) {
        byte[] key = new byte[KEY_BYTES];
        long number = random.nextLong(keys);
        ByteBuffer.wrap(key).putLong(0, number * 0x9E3779B97F4A7C15L).putLong(Long.BYTES, number);
        open++;
        slot.begin(System.nanoTime());
        map.put(key, value).subscribe(slot);
    }

    private void finish(CommitSlot slot) {
        open--;
        if (slot.failure() != null) {
            throw new IllegalStateException("a put failed: " + slot.failure(), slot.failure());
        }
        latencies.recordValue(Math.min(MAX_LATENCY_NANOS, slot.latencyNanos()));
    }

    private CommitSlot take() {
        for (int i = 0; i < SPINS; i++) {
            CommitSlot slot = returned.poll();
            if (slot != null) {
                return slot;
            }
            Thread.onSpinWait();
        }
        long begin = System.nanoTime();
        while (true) {
            parked = true;
            CommitSlot slot = returned.poll();
            if (slot != null) {
                parked = false;
                return slot;
            }
            if (System.nanoTime() - begin > PATIENCE_NANOS) {
                throw new IllegalStateException(open + " puts in flight and none has come back for two minutes");
            }
            LockSupport.parkNanos(this, PATIENCE_NANOS);
        }
    }

    /** Called by a slot on the thread that signals it. */
    void back(CommitSlot slot) {
        // There is a place for every slot; the queue may only refuse while another one is being taken out.
        while (!returned.offer(slot)) {
            Thread.onSpinWait();
        }
        if (parked) {
            parked = false;
            LockSupport.unpark(thread);
        }
    }

    /** Latencies of the last run in nanoseconds. */
    Histogram latencies() {
        return latencies;
    }
}
