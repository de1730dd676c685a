package io.millrace.perf.faults;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A strace that is attached to threads of a running JVM and lets their system calls fail as told, until it is detached. The calls are counted
 * for each thread by itself, from the moment of attaching on.
 */
final class Tracer implements AutoCloseable {
    /** What Linux keeps of a thread's name. */
    private static final int NAME_CHARS = 15;

    private final Process process;

    private Tracer(Process process) {
        this.process = process;
    }

    /** Why there can be no tracer here, null if there can. */
    static String missing() {
        Process target = null;
        try {
            target = new ProcessBuilder("cat").start();
            attach(List.of(Long.toString(target.pid())), List.of(), "fdatasync:error=EIO")
                    .close();
            return null;
        } catch (IOException e) {
            return e.getMessage();
        } finally {
            if (target != null) {
                target.destroyForcibly();
            }
        }
    }

    /**
     * Attaches; when this returns, the fault is in force.
     *
     * @param threads names of the threads
     * @param paths only calls on these files are touched; empty for all
     * @param fault as strace's option {@code inject} wants it
     * @throws IOException if there is no strace, or it may not
     */
    static Tracer attach(long pid, Set<String> threads, List<String> paths, String fault) throws IOException {
        return attach(threadIds(pid, threads), paths, fault);
    }

    private static Tracer attach(List<String> threadIds, List<String> paths, String fault) throws IOException {
        List<String> command = new ArrayList<>(List.of("strace", "-o", "/dev/null"));
        threadIds.forEach(id -> command.addAll(List.of("-p", id)));
        paths.forEach(path -> command.addAll(List.of("-P", path)));
        command.addAll(List.of("-e", "trace=" + fault.substring(0, fault.indexOf(':')), "-e", "inject=" + fault));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        Tracer tracer = new Tracer(process);
        String problem = tracer.awaitAttached(threadIds.size());
        if (problem != null) {
            tracer.close();
            throw new IOException("strace can't attach: " + problem);
        }
        return tracer;
    }

    /** The prefix of a command of which each thread is to have the fault, from its first call on. */
    static List<String> around(String fault) {
        String call = fault.substring(0, fault.indexOf(':'));
        return List.of(
                "strace", "-f", "--seccomp-bpf", "-o", "/dev/null", "-e", "trace=" + call, "-e", "inject=" + fault);
    }

    private static List<String> threadIds(long pid, Set<String> names) throws IOException {
        List<String> ids = new ArrayList<>();
        try (DirectoryStream<Path> tasks = Files.newDirectoryStream(Path.of("/proc", Long.toString(pid), "task"))) {
            for (Path task : tasks) {
                String name = nameOf(task);
                if (names.stream().anyMatch(wanted -> name.equals(shortened(wanted)))) {
                    ids.add(task.getFileName().toString());
                }
            }
        }
        if (ids.size() < names.size()) {
            throw new IllegalStateException("process " + pid + " lacks one of the threads " + names);
        }
        return ids;
    }

    /** Empty for a thread that has ended since it was listed. */
    private static String nameOf(Path task) throws IOException {
        try {
            return Files.readString(task.resolve("comm")).strip();
        } catch (IOException failure) {
            if (Files.exists(task)) {
                throw failure;
            }
            return "";
        }
    }

    private static String shortened(String name) {
        return name.substring(0, Math.min(NAME_CHARS, name.length()));
    }

    /** Reads until it has attached to all; answers what it says instead, null for nothing. Then a thread reads on, so that it never waits. */
    private String awaitAttached(int threads) throws IOException {
        BufferedReader in = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        int attached = 0;
        while (attached < threads) {
            String line = in.readLine();
            if (line == null || line.contains("attach:") || line.contains("ptrace")) {
                return line == null ? "it has ended" : line;
            }
            attached += line.endsWith(" attached") ? 1 : 0;
        }
        Thread reader = new Thread(() -> in.lines().forEach(unheeded -> {}), "strace-reader");
        reader.setDaemon(true);
        reader.start();
        return null;
    }

    /** Detaches: from now on nothing fails any more, and the threads go on. */
    @Override
    public void close() {
        process.toHandle().destroy();
        Ending.await(process, "strace");
    }
}
