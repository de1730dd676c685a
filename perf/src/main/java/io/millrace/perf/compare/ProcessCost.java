package io.millrace.perf.compare;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What this process has cost so far.
 *
 * @param cpuNanos processor time
 * @param writtenBytes bytes it had the kernel write to a disk, sooner or later
 */
record ProcessCost(long cpuNanos, long writtenBytes) {
    private static final Path IO = Path.of("/proc/self/io");
    private static final String WRITTEN = "write_bytes: ";

    static ProcessCost now() {
        OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        return new ProcessCost(system.getProcessCpuTime(), writtenSoFar());
    }

    private static long writtenSoFar() {
        try {
            for (String line : Files.readAllLines(IO)) {
                if (line.startsWith(WRITTEN)) {
                    return Long.parseLong(line.substring(WRITTEN.length()));
                }
            }
        } catch (IOException e) {
            // Not on Linux: unknown.
        }
        return 0;
    }
}
