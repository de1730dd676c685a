package io.millrace.perf.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;

/** A limit of the memory of a process, page cache included, by a control group of its own; where the system lets us. */
final class MemoryLimit implements AutoCloseable {
    private static final Path ROOT = Path.of("/sys/fs/cgroup");
    private static final int REMOVAL_TRIES = 100;
    private static final long PAUSE_NANOS = 20_000_000;

    private final Path group;

    private MemoryLimit(Path group) {
        this.group = group;
    }

    /** A group with this limit; null if there are no control groups to be made here. */
    static MemoryLimit ofMiB(int limit) {
        boolean unified = Files.exists(ROOT.resolve("cgroup.controllers"));
        Path parent = unified ? ROOT : ROOT.resolve("memory");
        Path group = parent.resolve("millrace-bench-" + ProcessHandle.current().pid());
        try {
            Files.createDirectory(group);
            Files.writeString(
                    group.resolve(unified ? "memory.max" : "memory.limit_in_bytes"), Long.toString((long) limit << 20));
            return new MemoryLimit(group);
        } catch (IOException e) {
            group.toFile().delete();
            return null;
        }
    }

    void add(Process process) throws IOException {
        Files.writeString(group.resolve("cgroup.procs"), Long.toString(process.pid()));
    }

    @Override
    public void close() {
        // A process that has just ended is still in it for a moment.
        for (int i = 0; i < REMOVAL_TRIES && !group.toFile().delete(); i++) {
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }
}
