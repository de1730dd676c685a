package io.millrace.perf.compare;

import io.millrace.perf.load.InFlight;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;
import org.HdrHistogram.Histogram;

/**
 * Keeps a number of operations in flight for some time: as so many threads that wait for theirs, or, where the contender can, as few threads that
 * do not. Counts what ends between warm-up and end.
 */
final class ClosedLoop {
    private static final int DIGITS = 2;
    private static final long NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);

    private final Contender contender;
    private final double warmUpSeconds;
    private final double seconds;
    private final CountDownLatch ready;
    private final List<Thread> threads = new ArrayList<>();
    private final Histogram latencies = new Histogram(DIGITS);
    private final AtomicReference<Throwable> failure = new AtomicReference<>();

    // Written before the latch is opened, read behind it.
    private volatile long beginNanos;
    private volatile long endNanos;
    private final CountDownLatch started = new CountDownLatch(1);
    private long operations;

    private ClosedLoop(Contender contender, Scale scale, int drivers) {
        this.contender = contender;
        this.warmUpSeconds = scale.warmUpSeconds();
        this.seconds = scale.seconds();
        this.ready = new CountDownLatch(drivers);
    }

    /** With operations in flight, however the contender does that best. */
    static Figures inFlight(
            Contender contender, Scale scale, int inFlight, int drivers, IntFunction<OperationSource> sources) {
        Asynchronous asynchronous = contender.asynchronous();
        if (asynchronous == null) {
            return threads(contender, scale, inFlight, sources);
        }
        int used = Math.min(drivers, inFlight);
        ClosedLoop loop = new ClosedLoop(contender, scale, used);
        for (int i = 0; i < used; i++) {
            OperationSource source = sources.apply(i);
            int share = inFlight / used + (i < inFlight % used ? 1 : 0);
            loop.thread(i, () -> loop.drive(asynchronous, source, new InFlight(share)));
        }
        return loop.run();
    }

    /** With threads that wait. */
    static Figures threads(Contender contender, Scale scale, int count, IntFunction<OperationSource> sources) {
        ClosedLoop loop = new ClosedLoop(contender, scale, count);
        for (int i = 0; i < count; i++) {
            OperationSource source = sources.apply(i);
            loop.thread(i, () -> loop.wait(source));
        }
        return loop.run();
    }

    private void thread(int number, Runnable work) {
        Thread thread = new Thread(
                () -> {
                    try {
                        work.run();
                    } catch (Throwable e) {
                        failure.compareAndSet(null, e);
                        ready.countDown();
                    }
                },
                "driver-" + number);
        thread.setDaemon(true);
        threads.add(thread);
    }

    private Figures run() {
        threads.forEach(Thread::start);
        await(ready);
        long now = System.nanoTime();
        beginNanos = now + (long) (warmUpSeconds * NANOS_PER_SECOND);
        endNanos = beginNanos + (long) (seconds * NANOS_PER_SECOND);
        started.countDown();
        sleepUntil(beginNanos);
        ProcessCost before = ProcessCost.now();
        sleepUntil(endNanos);
        ProcessCost after = ProcessCost.now();
        for (Thread thread : threads) {
            join(thread);
        }
        if (failure.get() != null) {
            throw new IllegalStateException("an operation failed: " + failure.get(), failure.get());
        }
        return new Figures(
                operations,
                seconds,
                latencies,
                after.cpuNanos() - before.cpuNanos(),
                after.writtenBytes() - before.writtenBytes());
    }

    private void wait(OperationSource source) {
        Histogram own = new Histogram(DIGITS);
        try (Session session = contender.session()) {
            ready.countDown();
            await(started);
            long now = System.nanoTime();
            while (now < endNanos && failure.get() == null) {
                Operation operation = source.next();
                long begin = now;
                session.run(operation);
                now = System.nanoTime();
                if (begin >= beginNanos && now <= endNanos) {
                    own.recordValue(now - begin);
                }
            }
        }
        add(own, own.getTotalCount());
    }

    private void drive(Asynchronous asynchronous, OperationSource source, InFlight flight) {
        ready.countDown();
        await(started);
        long before = 0;
        boolean measuring = false;
        for (long now = System.nanoTime(); now < endNanos && failure.get() == null; now = System.nanoTime()) {
            if (!measuring && now >= beginNanos) {
                measuring = true;
                before = flight.completed();
                flight.latencies().reset();
            }
            Operation operation = source.next();
            asynchronous.start(operation, flight.take().begin(System.nanoTime()));
        }
        add(flight.latencies(), flight.completed() - before);
        flight.drain();
    }

    private synchronized void add(Histogram own, long count) {
        latencies.add(own);
        operations += count;
    }

    private static void sleepUntil(long nanos) {
        for (long left = nanos - System.nanoTime(); left > 0; left = nanos - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted", e);
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted", e);
        }
    }
}
