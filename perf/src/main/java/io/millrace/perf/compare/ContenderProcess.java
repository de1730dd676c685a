package io.millrace.perf.compare;

import io.millrace.perf.ChildJvm;
import io.millrace.perf.Main;
import io.millrace.perf.result.JsonReader;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** A contender's JVM, seen from outside: what it printed, how it ended, with a time limit. */
final class ContenderProcess {
    private static final List<String> PEER_FLAGS = List.of(
            // lmdbjava reads addresses out of ByteBuffers.
            "--add-opens=java.base/java.nio=ALL-UNNAMED", "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED");
    private static final int KILLED = 137;

    private final Process process;
    private final Path errors;
    private final List<Map<String, Object>> cells = new ArrayList<>();
    private volatile boolean late;
    private String acknowledged;

    private ContenderProcess(Process process, Path errors) {
        this.process = process;
        this.errors = errors;
    }

    /**
     * Starts it.
     *
     * @param before a program and its arguments that run the JVM, empty for none
     * @param heapMiB heap
     * @param arguments of {@link ContenderJvm}
     * @param errors file for what it prints to the standard error
     */
    static ContenderProcess start(List<String> before, int heapMiB, List<String> arguments, Path errors)
            throws IOException {
        List<String> flags = new ArrayList<>(PEER_FLAGS);
        flags.add("-Xmx" + heapMiB + "m");
        flags.add("-XX:MaxDirectMemorySize=2g");
        List<String> inner = new ArrayList<>(List.of("bench", "contender"));
        inner.addAll(arguments);
        List<String> command = new ArrayList<>(before);
        command.addAll(ChildJvm.command(Main.class, flags, peers(), inner));
        Process process =
                new ProcessBuilder(command).redirectError(errors.toFile()).start();
        process.getOutputStream().close();
        return new ContenderProcess(process, errors);
    }

    /** The peers' jars lie beside the jar that this runs from; elsewhere they are on the class path already. */
    private static List<String> peers() {
        Path jar = Path.of(System.getProperty("java.class.path").split(java.io.File.pathSeparator, 2)[0]);
        Path peers = jar.toAbsolutePath().resolveSibling("peers");
        return Files.isDirectory(peers) ? List.of(peers + "/*") : List.of();
    }

    Process process() {
        return process;
    }

    /** Reads what it prints until it ends, or {@code enough} says so of a line, or the time is over; kills it then. */
    void follow(int limitSeconds, Predicate<String> enough) throws IOException {
        Thread watch = new Thread(() -> watch(limitSeconds), "time-limit");
        watch.setDaemon(true);
        watch.start();
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                accept(line);
                if (enough.test(line)) {
                    // By its handle: the process itself would close the pipe, with the last lines in it.
                    process.toHandle().destroyForcibly();
                }
            }
        }
        await(process);
        watch.interrupt();
    }

    private void accept(String line) {
        if (line.startsWith(ContenderJvm.CELL)) {
            cells.add(JsonReader.readObject(line.substring(ContenderJvm.CELL.length())));
        } else if (line.startsWith(ReopenSteps.ACKNOWLEDGED)) {
            acknowledged = line.substring(ReopenSteps.ACKNOWLEDGED.length());
        }
    }

    private void watch(int limitSeconds) {
        try {
            if (!process.waitFor(limitSeconds, TimeUnit.SECONDS)) {
                late = true;
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.toHandle().destroyForcibly();
            }
        } catch (InterruptedException e) {
            // It has ended.
        }
    }

    private static void await(Process process) {
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted", e);
        }
    }

    List<Map<String, Object>> cells() {
        return cells;
    }

    /** The last whole line of acknowledged puts, null if there was none. */
    String acknowledged() {
        return acknowledged;
    }

    /** Why it ended otherwise than it should have, null if it did not. */
    String failure(int limitSeconds) throws IOException {
        if (late) {
            return "no end within " + limitSeconds + " s";
        }
        int status = process.exitValue();
        if (status == 0) {
            return null;
        }
        List<String> text = Files.readAllLines(errors, StandardCharsets.ISO_8859_1);
        String last = text.stream()
                .filter(line -> line.contains("Exception") || line.contains("Error"))
                .findFirst()
                .orElse(text.isEmpty() ? "" : text.get(text.size() - 1));
        return (status == KILLED ? "killed" : "status " + status) + ": " + last.strip();
    }
}
