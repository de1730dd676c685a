package io.millrace.perf.recovery;

import com.sun.management.OperatingSystemMXBean;
import io.millrace.RecoveryReport;
import io.millrace.Store;
import io.millrace.StoreOptions;
import io.millrace.perf.Directories;
import io.millrace.perf.UsageException;
import io.millrace.perf.profile.Profile;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;

/** The child that opens a killed store: measures the floor, then the opening, and prints what came out. */
final class StoreReopening {
    private static final int FLOORS = 3;
    private static final double NANOS_PER_MILLI = 1e6;
    private static final double MIB = 1 << 20;
    private static final Path STATUS = Path.of("/proc/self/status");

    private StoreReopening() {}

    static int run(RecoveryOptions options, PrintStream out) throws IOException {
        loadClasses();
        double floor = options.killUnderLoad() ? 0 : floorMillis(options);
        Profile profile = options.profile() ? Profile.start() : null;
        long cpu = cpuNanos();
        Store store = Store.open(options.storeOptions(options.directory())).block();
        cpu = cpuNanos() - cpu;
        if (profile != null) {
            profile.stop(0, out);
        }
        RecoveryReport report = store.recoveryReport();
        double redo = millis(report.redo());
        out.printf(
                Locale.ROOT,
                "recovery: log=%.0fMiB floor_ms=%.0f redo_ms=%.0f ratio=%.3f rss_mib=%d"
                        + " analysis_ms=%.0f undo_ms=%.0f total_ms=%.0f cpu_ms=%.0f records=%d changes=%d%n",
                report.bytesRedone() / MIB,
                floor,
                redo,
                floor / redo,
                residentMiB(),
                millis(report.analysis()),
                millis(report.undo()),
                millis(report.duration()),
                cpu / NANOS_PER_MILLI,
                report.recordsRead(),
                report.changesRedone());
        out.flush();
        if (options.killUnderLoad()) {
            // The next life shall not find a store that was closed in order.
            Runtime.getRuntime().halt(0);
        }
        store.close().block();
        again(options, floor, out);
        return 0;
    }

    /** The same once more, when the code has been compiled. */
    private static void again(RecoveryOptions options, double floor, PrintStream out) {
        long cpu = cpuNanos();
        Store store = Store.open(options.storeOptions(KilledStore.secondOf(options.directory())))
                .block();
        cpu = cpuNanos() - cpu;
        RecoveryReport report = store.recoveryReport();
        double redo = millis(report.redo());
        out.printf(
                Locale.ROOT,
                "    compiled: redo_ms=%.0f ratio=%.3f analysis_ms=%.0f total_ms=%.0f cpu_ms=%.0f%n",
                redo,
                floor / redo,
                millis(report.analysis()),
                millis(report.duration()),
                cpu / NANOS_PER_MILLI);
        store.close().block();
    }

    /** The fastest of some. */
    private static double floorMillis(RecoveryOptions options) throws IOException {
        String before = System.getProperty(RecoveryBench.BEFORE);
        if (before == null) {
            throw new UsageException(RecoveryCommand.OPEN + " is for bench recovery to start");
        }
        long best = Long.MAX_VALUE;
        for (int i = 0; i < FLOORS; i++) {
            best = Math.min(
                    best,
                    LogFiles.readNanos(
                            options.directory(), before, options.logBytes().get(0)));
        }
        return best / NANOS_PER_MILLI;
    }

    /** So that what is measured is recovery and not the loading of classes. */
    private static void loadClasses() throws IOException {
        Path directory = Files.createTempDirectory("millrace-warm-up-");
        Store store = Store.open(StoreOptions.at(directory)).block();
        store.close().block();
        Directories.delete(directory);
    }

    private static long cpuNanos() {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
    }

    private static double millis(Duration duration) {
        return duration.toNanos() / NANOS_PER_MILLI;
    }

    /** Most memory this process ever had, 0 where nobody counts. */
    private static long residentMiB() {
        try {
            return Files.readAllLines(STATUS).stream()
                    .filter(line -> line.startsWith("VmHWM:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) >> 10)
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            // Not on Linux.
            return 0;
        }
    }
}
