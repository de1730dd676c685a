package io.millrace.perf.result;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Where a measurement was made: machine, kernel, JDK, disk. Says nothing that identifies the machine. */
public final class Environment {
    private static final Path CPU = Path.of("/proc/cpuinfo");
    private static final Path MEMORY = Path.of("/proc/meminfo");
    private static final long KIB_PER_GIB = 1 << 20;

    private Environment() {}

    /** As members of a result file; {@code directory} lies on the disk measured. */
    public static Map<String, Object> of(Path directory) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("time", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        facts.put("cpu", field(CPU, "model name", System.getProperty("os.arch")));
        facts.put("processors", Runtime.getRuntime().availableProcessors());
        facts.put("memory_gib", memoryGib());
        facts.put("kernel", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        facts.put("jdk", System.getProperty("java.vm.name") + " " + Runtime.version());
        facts.put("disk", disk(directory));
        facts.put("load_average", ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
        return facts;
    }

    private static String disk(Path directory) {
        try {
            FileStore store = Files.getFileStore(directory);
            return store.type() + " on " + store.name();
        } catch (IOException e) {
            return "unknown";
        }
    }

    private static long memoryGib() {
        String kib = field(MEMORY, "MemTotal", "0").replaceAll("[^0-9]", "");
        return Math.round(Double.parseDouble(kib.isEmpty() ? "0" : kib) / KIB_PER_GIB);
    }

    private static String field(Path file, String name, String absent) {
        List<String> lines;
        try {
            lines = Files.readAllLines(file);
        } catch (IOException e) {
            return absent;
        }
        return lines.stream()
                .filter(line -> line.startsWith(name))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst()
                .orElse(absent);
    }
}
