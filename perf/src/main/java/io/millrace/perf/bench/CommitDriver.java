package io.millrace.perf.bench;

import io.millrace.OrderedMap;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;

/**
 * Keeps a fixed number of commits in flight, in a closed loop, as a reactive chain does: each one's completion signal starts the next. No thread
 * of its own stands in between.
 *
 * <p>A latency goes from the subscription to the completion signal.
 */
final class CommitDriver {
    private static final long MAX_LATENCY_NANOS = TimeUnit.MINUTES.toNanos(10);
    private static final long PATIENCE_SECONDS = 120;
    private static final int DIGITS = 3;

    private final OrderedMap<byte[], byte[]> map;
    private final CommitBenchOptions options;
    private final int inFlight;
    private final SplittableRandom random;
    private final Recorder recorder = new Recorder(MAX_LATENCY_NANOS, DIGITS);
    private Histogram latencies;

    CommitDriver(OrderedMap<byte[], byte[]> map, CommitBenchOptions options, int inFlight) {
        this.map = map;
        this.options = options;
        this.inFlight = inFlight;
        this.random = new SplittableRandom(inFlight);
    }

    /** Runs for this long and waits for what is in flight then; answers the number of commits that came back in time. */
    long run(double seconds) {
        recorder.reset();
        Run run = new Run(System.nanoTime() + (long) (seconds * 1e9), new CountDownLatch(inFlight));
        byte[] value = new byte[options.valueSize()];
        random.nextBytes(value);
        for (int i = 0; i < inFlight; i++) {
            new CommitSlot(map, new CommitKeys(options.keys(), random.split()), value, run).start();
        }
        run.await();
        latencies = recorder.getIntervalHistogram();
        return latencies.getTotalCount();
    }

    /** Latencies of the last run in nanoseconds. */
    Histogram latencies() {
        return latencies;
    }

    /** What the slots of one run share; any thread. */
    final class Run {
        private final long endNanos;
        private final CountDownLatch open;
        private final AtomicReference<Throwable> failure = new AtomicReference<>();

        private Run(long endNanos, CountDownLatch open) {
            this.endNanos = endNanos;
            this.open = open;
        }

        /** One commit is durable; answers whether another one may start. */
        boolean completed(long startedNanos, long nowNanos) {
            if (nowNanos - endNanos < 0) {
                recorder.recordValue(Math.min(MAX_LATENCY_NANOS, nowNanos - startedNanos));
                return true;
            }
            open.countDown();
            return false;
        }

        void failed(Throwable cause) {
            failure.compareAndSet(null, cause);
            open.countDown();
        }

        private void await() {
            long patience = endNanos - System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
            try {
                if (!open.await(patience, TimeUnit.NANOSECONDS)) {
                    throw new IllegalStateException(
                            open.getCount() + " puts in flight and none has come back for two minutes");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted", e);
            }
            if (failure.get() != null) {
                throw new IllegalStateException("a put failed: " + failure.get(), failure.get());
            }
        }
    }
}
