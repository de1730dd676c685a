package io.millrace.perf.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import io.millrace.perf.ChildJvm;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;

/**
 * A running {@link LoadProgram}, and all it has said. Every wait is for a line of it, with a deadline far beyond what it takes: a child that
 * says nothing any more hangs, and that is a failure.
 */
final class LoadChild implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 60;

    private final Process process;
    private final LoadLog log;
    private final Thread reader;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition said = lock.newCondition();
    // Guarded by lock.
    private final List<String> lines = new ArrayList<>();
    private boolean ended;

    private LoadChild(Process process, LoadLog log) {
        this.process = process;
        this.log = log;
        this.reader = new Thread(this::read, "load-reader");
    }

    /**
     * Starts it.
     *
     * @param prefix the command that runs the JVM, empty for none
     * @param directory the store, as the child sees it
     * @param log takes what becomes of the writes
     */
    static LoadChild start(List<String> prefix, String directory, LoadLog log, List<String> settings)
            throws IOException {
        List<String> arguments = new ArrayList<>(List.of(directory, Long.toString(log.nextNumber())));
        arguments.addAll(settings);
        List<String> command = new ArrayList<>(prefix);
        List<String> java = ChildJvm.command(LoadProgram.class, arguments);
        // It lives for a second: what it takes to start counts.
        java.addAll(1, List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
        command.addAll(java);
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        LoadChild child = new LoadChild(process, log);
        child.reader.setDaemon(true);
        child.reader.start();
        return child;
    }

    private void read() {
        try (BufferedReader in =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                log.take(line);
                say(line, false);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            say("", true);
        }
    }

    private void say(String line, boolean last) {
        lock.lock();
        try {
            lines.add(line);
            ended = last;
            said.signalAll();
        } finally {
            lock.unlock();
        }
    }

    long pid() {
        return process.pid();
    }

    void tell(String command) throws IOException {
        process.getOutputStream().write((command + "\n").getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().flush();
    }

    /** Tells it {@code command} and waits for the answer that begins with {@code answer}; returns that line. */
    String ask(String command, String answer) throws IOException, InterruptedException {
        int from = size();
        tell(command);
        return await(from, line -> line.startsWith(answer), "an answer to " + command);
    }

    /** Waits for its first word: {@code opened}, or why the store does not open. */
    String awaitOpened() throws InterruptedException {
        return await(0, line -> line.startsWith("opened") || line.startsWith("failed"), "open");
    }

    /** Waits until the lanes have stopped. */
    void awaitStopped(int from) throws InterruptedException {
        await(from, line -> line.equals("stopped"), "the lanes to stop");
    }

    /** Waits for so many acknowledgements after {@code from}. */
    void awaitAcknowledgements(int from, int count) throws InterruptedException {
        int[] left = {count};
        await(from, line -> line.startsWith("a ") && --left[0] == 0, count + " acknowledgements");
    }

    /** Lines so far: a position to wait from. */
    int size() {
        lock.lock();
        try {
            return lines.size();
        } finally {
            lock.unlock();
        }
    }

    private String await(int from, Predicate<String> wanted, String what) throws InterruptedException {
        long left = TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        lock.lock();
        try {
            for (int next = from; ; next++) {
                while (next >= lines.size() && !ended && left > 0) {
                    left = said.awaitNanos(left);
                }
                if (next >= lines.size()) {
                    return fail((ended ? "the child has ended" : "the child hangs") + ", waiting for " + what + ": "
                            + lines.subList(Math.max(0, lines.size() - 20), lines.size()));
                }
                if (wanted.test(lines.get(next))) {
                    return lines.get(next);
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** Everything acknowledged can be read. */
    void assertReadsGoOn() throws IOException, InterruptedException {
        String[] answer = ask("read", "read ").split(" ");
        assertEquals("0", answer[2], "of " + answer[1] + " acknowledged writes can't be read");
    }

    /** What the store holds. */
    LoadContents contents() throws IOException, InterruptedException {
        int from = size();
        ask("list", "listed");
        lock.lock();
        try {
            return LoadContents.parse(lines.subList(from, lines.size()));
        } finally {
            lock.unlock();
        }
    }

    /** Closes the store; the child ends by itself. */
    void assertCloses() throws IOException, InterruptedException {
        ask("close", "closed");
        awaitEnd();
    }

    private void awaitEnd() {
        Ending.await(process, "the child");
        lock.lock();
        try {
            while (!ended) {
                said.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
    }

    /** SIGKILL, unless it has ended; all it had said is taken. */
    void kill() {
        // Not through Process: that would close the pipe and lose what stands in it.
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.toHandle().destroyForcibly();
        awaitEnd();
    }

    @Override
    public void close() {
        kill();
    }
}
