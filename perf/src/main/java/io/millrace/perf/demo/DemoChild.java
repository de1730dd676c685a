package io.millrace.perf.demo;

import io.millrace.perf.ChildJvm;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * A child JVM and the thread that reads its messages, as fast as they come. The listener is called on that thread only; whoever has seen the
 * end through {@link #awaitEnd} or {@link #kill} sees all that it did.
 */
final class DemoChild {
    private final Process process;
    private final Thread reader;
    private final Thread hook;
    private final Consumer<Message> listener;
    private final CompletableFuture<Void> ended = new CompletableFuture<>();

    // Written by the reader, read after it has ended.
    private String failure;

    private DemoChild(Process process, Consumer<Message> listener) {
        this.process = process;
        this.listener = listener;
        this.reader = new Thread(this::read, "demo-reader");
        this.hook = new Thread(() -> process.toHandle().destroyForcibly(), "demo-cleanup");
    }

    static DemoChild start(List<String> arguments, Consumer<Message> listener) throws IOException {
        DemoChild child = new DemoChild(ChildJvm.start(arguments), listener);
        Runtime.getRuntime().addShutdownHook(child.hook);
        child.reader.setDaemon(true);
        child.reader.start();
        return child;
    }

    private void read() {
        try (WholeLines lines = new WholeLines(process.getInputStream())) {
            for (String line = lines.next(); line != null; line = lines.next()) {
                Message message = Message.parse(line);
                if (message instanceof Message.Failed failed) {
                    failure = failed.text();
                } else {
                    listener.accept(message);
                }
            }
        } catch (IOException | RuntimeException e) {
            failure = e.toString();
            process.toHandle().destroyForcibly();
        } finally {
            ended.complete(null);
        }
    }

    /**
     * Waits until {@code event} has happened, the child's output has ended or the time is over, whichever comes first; answers whether the event
     * has.
     */
    boolean await(CompletableFuture<Void> event, long nanos) throws InterruptedException {
        try {
            CompletableFuture.anyOf(event, ended).get(nanos, TimeUnit.NANOSECONDS);
        } catch (TimeoutException late) {
            return event.isDone();
        } catch (ExecutionException impossible) {
            throw new IllegalStateException(impossible);
        }
        return event.isDone();
    }

    /** Waits for the end of the child's output, or until the time is over; answers whether it has ended. */
    boolean awaitEnd(long time, TimeUnit unit) throws InterruptedException {
        return await(ended, unit.toNanos(time));
    }

    /** Whether the reader has come to the end of the child's output. */
    boolean hasEnded() {
        return ended.isDone();
    }

    /** Waits for the child to end by itself; kills it when the time is over. */
    void awaitEnd(long seconds) throws InterruptedException {
        if (!awaitEnd(seconds, TimeUnit.SECONDS)) {
            kill();
            failure = "no end after " + seconds + " s";
            return;
        }
        process.waitFor();
        reader.join();
        removeHook();
    }

    /** SIGKILL. Not through {@link Process}: that would also close the pipe, and with it lose what the child had written. */
    void kill() throws InterruptedException {
        process.toHandle().destroyForcibly();
        process.waitFor();
        reader.join();
        removeHook();
    }

    private void removeHook() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // This JVM is ending already.
        }
    }

    /** Why the child could not go on, null if it did not say; after the end. */
    String failure() {
        return failure;
    }

    /** The exit status; after the end. */
    int status() {
        return process.exitValue();
    }
}
