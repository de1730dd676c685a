package io.millrace.perf.profile;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** How often threads of this process went to sleep of their own accord, and so had to be woken; Linux only. */
final class ContextSwitches {
    private static final Path TASKS = Path.of("/proc/self/task");
    private static final String VOLUNTARY = "voluntary_ctxt_switches:";

    private ContextSwitches() {}

    /** So far, of all threads that live; 0 where nobody counts. */
    static long voluntary() {
        try (Stream<Path> tasks = Files.list(TASKS)) {
            return tasks.mapToLong(ContextSwitches::ofTask).sum();
        } catch (IOException e) {
            return 0;
        }
    }

    private static long ofTask(Path task) {
        try {
            List<String> lines = Files.readAllLines(task.resolve("status"));
            return lines.stream()
                    .filter(line -> line.startsWith(VOLUNTARY))
                    .mapToLong(line ->
                            Long.parseLong(line.substring(VOLUNTARY.length()).strip()))
                    .sum();
        } catch (IOException e) {
            // The thread has just ended.
            return 0;
        }
    }
}
