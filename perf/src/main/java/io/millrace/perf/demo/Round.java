package io.millrace.perf.demo;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * One life of a worker: start, transfers, kill. The reading thread collects the acknowledgements, the calling thread shows the progress.
 */
final class Round {
    private static final long FIRST_SIGN_NANOS = TimeUnit.SECONDS.toNanos(120);
    private static final long LOOK_EVERY_MILLIS = 50;

    private final Acknowledged acknowledged;
    private final Progress progress;
    private final long before;

    // Written by the reading thread, read by the calling one; volatile.
    private volatile Message.Figures figures;
    private volatile long acknowledgedNow;
    private volatile long openMillis = -1;

    Round(Acknowledged acknowledged, Progress progress) {
        this.acknowledged = acknowledged;
        this.progress = progress;
        this.before = acknowledged.transferCount();
    }

    /**
     * Runs the worker and kills it.
     *
     * @param killAfterNanos time from the first acknowledgement to the kill
     * @throws DemoFailedException if the worker ends by itself or acknowledges nothing
     */
    void run(DemoOptions options, long number, long killAfterNanos)
            throws IOException, InterruptedException, DemoFailedException {
        List<String> arguments = options.forChild(DemoCommand.WORKER);
        arguments.add("--round");
        arguments.add(Long.toString(number));
        DemoChild worker = DemoChild.start(arguments, this::take);
        awaitFirstSign(worker);
        long begin = System.nanoTime();
        while (System.nanoTime() - begin < killAfterNanos && !worker.hasEnded()) {
            long elapsed = System.nanoTime() - begin;
            progress.show(elapsed, killAfterNanos, acknowledgedNow, figures);
            long left = TimeUnit.NANOSECONDS.toMillis(killAfterNanos - elapsed);
            Thread.sleep(Math.max(1, Math.min(LOOK_EVERY_MILLIS, left)));
        }
        boolean endedByItself = worker.hasEnded();
        worker.kill();
        if (endedByItself || worker.failure() != null) {
            throw ended(worker);
        }
    }

    private void awaitFirstSign(DemoChild worker) throws InterruptedException, DemoFailedException {
        long begin = System.nanoTime();
        while (acknowledgedNow == 0) {
            if (worker.hasEnded()) {
                worker.kill();
                throw ended(worker);
            }
            if (System.nanoTime() - begin > FIRST_SIGN_NANOS) {
                worker.kill();
                throw new DemoFailedException(
                        openMillis < 0 ? "the worker does not open its store" : "the worker acknowledges nothing");
            }
            Thread.sleep(1);
        }
    }

    private static DemoFailedException ended(DemoChild worker) {
        String why = worker.failure() == null ? "exit status " + worker.status() : worker.failure();
        return new DemoFailedException("the worker has ended by itself: " + why);
    }

    private void take(Message message) {
        if (message instanceof Message.TransferDone done) {
            acknowledged.transfer(done.id(), done.durableLsn());
            acknowledgedNow = acknowledged.transferCount() - before;
        } else if (message instanceof Message.Counted counted) {
            acknowledged.count(counted.counter(), counted.value());
        } else if (message instanceof Message.Figures now) {
            figures = now;
        } else if (message instanceof Message.Ready ready) {
            openMillis = ready.openMillis();
        }
    }

    /** Transfers acknowledged in this round; after its end. */
    long acknowledgedTransfers() {
        return acknowledgedNow;
    }
}
