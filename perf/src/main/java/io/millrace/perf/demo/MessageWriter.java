package io.millrace.perf.demo;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;

/**
 * Writes acknowledgements to the parent as they come, and figures in between. The completion workers only put them into a queue; one thread
 * writes, and requests as many more as it has written, so a parent that does not read stops the transfers and nothing piles up.
 */
final class MessageWriter extends BaseSubscriber<Message> {
    private static final int WINDOW = 4096;
    private static final int FLUSH_BYTES = 1 << 15;
    private static final long FIGURES_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private final OutputStream out;
    private final Supplier<Message> figures;
    private final LinkedBlockingQueue<Message> queue = new LinkedBlockingQueue<>();
    private final ByteArrayOutputStream lines = new ByteArrayOutputStream(2 * FLUSH_BYTES);

    // Written by the thread that signals the end, read by run(); volatile.
    private volatile Throwable failure;
    private volatile boolean done;

    MessageWriter(OutputStream out, Supplier<Message> figures) {
        this.out = out;
        this.figures = figures;
    }

    @Override
    protected void hookOnSubscribe(Subscription subscription) {
        subscription.request(WINDOW);
    }

    @Override
    protected void hookOnNext(Message message) {
        queue.add(message);
    }

    @Override
    protected void hookOnError(Throwable cause) {
        failure = cause;
        done = true;
    }

    @Override
    protected void hookOnComplete() {
        done = true;
    }

    /** Writes until the publisher has ended; answers its error, null if there was none. */
    Throwable run() throws IOException, InterruptedException {
        long nextFigures = System.nanoTime() + FIGURES_EVERY_NANOS;
        while (!done || !queue.isEmpty()) {
            long left = nextFigures - System.nanoTime();
            Message message = queue.poll(Math.max(0, left), TimeUnit.NANOSECONDS);
            int written = 0;
            while (message != null && lines.size() < FLUSH_BYTES) {
                add(message);
                written++;
                message = queue.poll();
            }
            if (message != null) {
                add(message);
                written++;
            }
            if (nextFigures - System.nanoTime() <= 0) {
                add(figures.get());
                nextFigures = System.nanoTime() + FIGURES_EVERY_NANOS;
            }
            lines.writeTo(out);
            lines.reset();
            out.flush();
            if (written > 0) {
                request(written);
            }
        }
        return failure;
    }

    private void add(Message message) {
        lines.writeBytes(message.line().getBytes(StandardCharsets.UTF_8));
        lines.write('\n');
    }
}
