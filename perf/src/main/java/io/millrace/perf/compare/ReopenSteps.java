package io.millrace.perf.compare;

import io.millrace.perf.Directories;
import io.millrace.perf.load.Keys;
import io.millrace.perf.peer.Contenders;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * What kill -9 leaves, in two JVMs: one puts keys until it is killed, and prints how many of each thread were acknowledged; the other one opens,
 * and looks for them.
 */
final class ReopenSteps {
    static final String WRITE = "write";
    static final String OPEN = "open";
    /** Begins a line with the numbers of acknowledged puts, by thread. */
    static final String ACKNOWLEDGED = "@acknowledged ";

    private static final int THREADS = 16;
    private static final long REPORT_NANOS = 20_000_000;
    private static final double NANOS_PER_MILLI = 1e6;

    private final Contenders who;
    private final Scale scale;
    private final Path directory;
    private final Data data;

    ReopenSteps(Contenders who, Scale scale, Path directory) {
        this.who = who;
        this.scale = scale;
        this.directory = directory;
        data = new Data(scale.keys(), scale.valueSize());
    }

    void run(String step, String acknowledged, PrintStream out, Consumer<Map<String, Object>> cells)
            throws IOException {
        if (step.equals(WRITE)) {
            write(out);
        } else {
            open(acknowledged, cells);
        }
    }

    private void write(PrintStream out) {
        Contender contender = who.open(directory, scale.cacheBytes());
        AtomicLongArray counts = new AtomicLongArray(THREADS);
        for (int i = 0; i < THREADS; i++) {
            int thread = i;
            Thread writer = new Thread(() -> put(contender, thread, counts), "writer-" + i);
            writer.setDaemon(true);
            writer.start();
        }
        while (true) {
            LockSupport.parkNanos(REPORT_NANOS);
            // The newline comes with the rest: half a line is none.
            out.print(ACKNOWLEDGED + counts.toString().replaceAll("[\\[\\] ]", "") + "\n");
            out.flush();
        }
    }

    private void put(Contender contender, int thread, AtomicLongArray counts) {
        try (Session session = contender.session()) {
            for (long i = 0; ; i++) {
                long number = i * THREADS + thread;
                session.put(Keys.key(number), data.value(number));
                counts.set(thread, i + 1);
            }
        }
    }

    private void open(String acknowledged, Consumer<Map<String, Object>> cells) throws IOException {
        loadClasses();
        long begin = System.nanoTime();
        try (Contender contender = who.open(directory, scale.cacheBytes());
                Session session = contender.session()) {
            session.get(Keys.key(0));
            double millis = (System.nanoTime() - begin) / NANOS_PER_MILLI;
            long[] counts = Arrays.stream(acknowledged.split(",", -1))
                    .mapToLong(Long::parseLong)
                    .toArray();
            Map<String, Object> cell = new LinkedHashMap<>();
            cell.put("workload", "reopen");
            cell.put("point", "after kill -9");
            cell.put("value", millis);
            cell.put("unit", "ms");
            cell.put("acknowledged", Arrays.stream(counts).sum());
            cell.put("lost", lost(session, counts));
            cells.accept(cell);
        }
    }

    /** So that the first open does not pay for them. */
    private void loadClasses() throws IOException {
        Path other = Files.createTempDirectory(directory.getParent(), "classes-");
        try (Contender contender = who.open(other, scale.cacheBytes())) {
            contender.settings();
        }
        Directories.delete(other);
    }

    private long lost(Session session, long[] counts) {
        long lost = 0;
        for (int thread = 0; thread < counts.length; thread++) {
            for (long i = 0; i < counts[thread]; i++) {
                long number = i * THREADS + thread;
                if (!Arrays.equals(data.value(number), session.get(Keys.key(number)))) {
                    lost++;
                }
            }
        }
        return lost;
    }
}
