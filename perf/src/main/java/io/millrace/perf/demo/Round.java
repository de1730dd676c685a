package io.millrace.perf.demo;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * One life of a worker: start, transfers, kill. The reading thread collects the acknowledgements, the calling thread shows the progress.
 */
final class Round {
    private static final long FIRST_SIGN_NANOS = TimeUnit.SECONDS.toNanos(120);
    private static final long SHOW_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final Acknowledged acknowledged;
    private final Progress progress;
    private final long before;
    private final CompletableFuture<Void> firstSign = new CompletableFuture<>();

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
        long left = killAfterNanos;
        boolean endedByItself = false;
        while (left > 0 && !endedByItself) {
            progress.show(killAfterNanos - left, killAfterNanos, acknowledgedNow, figures);
            endedByItself = worker.awaitEnd(Math.min(SHOW_EVERY_NANOS, left), TimeUnit.NANOSECONDS);
            left = killAfterNanos - (System.nanoTime() - begin);
        }
        worker.kill();
        if (endedByItself || worker.failure() != null) {
            throw ended(worker);
        }
    }

    private void awaitFirstSign(DemoChild worker) throws InterruptedException, DemoFailedException {
        if (worker.await(firstSign, FIRST_SIGN_NANOS)) {
            return;
        }
        boolean endedByItself = worker.hasEnded();
        worker.kill();
        if (endedByItself) {
            throw ended(worker);
        }
        throw new DemoFailedException(
                openMillis < 0 ? "the worker does not open its store" : "the worker acknowledges nothing");
    }

    private static DemoFailedException ended(DemoChild worker) {
        String why = worker.failure() == null ? "exit status " + worker.status() : worker.failure();
        return new DemoFailedException("the worker has ended by itself: " + why);
    }

    private void take(Message message) {
        if (message instanceof Message.TransferDone done) {
            acknowledged.transfer(done.id(), done.durableLsn());
            acknowledgedNow = acknowledged.transferCount() - before;
            firstSign.complete(null);
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
