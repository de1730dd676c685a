package io.millrace.perf.compare;

import io.millrace.perf.Arguments;
import io.millrace.perf.Directories;
import io.millrace.perf.load.Keys;
import io.millrace.perf.peer.Contenders;
import io.millrace.perf.result.Json;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;

/**
 * One contender, one workload, in a JVM of its own. Prints a line that begins with {@link #CELL} for every cell; whatever libraries print is no
 * such line.
 */
public final class ContenderJvm {
    /** Begins a line with a cell. */
    static final String CELL = "@cell ";

    private static final Set<String> OPTIONS =
            Set.of("contender", "workload", "step", "scale", "directory", "acknowledged");
    private static final int MIDDLE = 64;
    private static final int READ_PERCENT = 90;
    private static final int SHORT_SCAN = 100;
    private static final String IN_FLIGHT = " in flight";

    private final Contenders who;
    private final Scale scale;
    private final Path directory;
    private final PrintStream out;
    private final Data data;
    private final Sources sources;
    private boolean warm;
    private final int processors = Runtime.getRuntime().availableProcessors();

    private ContenderJvm(Contenders who, Scale scale, Path directory, PrintStream out) {
        this.who = who;
        this.scale = scale;
        this.directory = directory;
        this.out = out;
        data = new Data(scale.keys(), scale.valueSize());
        sources = new Sources(data, scale.keys());
    }

    /** Runs it; answers the exit status. */
    public static int run(List<String> arguments, PrintStream out) throws IOException {
        Arguments parsed = Arguments.parse(arguments, OPTIONS, Set.of());
        Contenders who = Contenders.named(parsed.text("contender", ""));
        Scale scale = Scale.named(parsed.text("scale", ""));
        Path directory = Path.of(parsed.text("directory", ""));
        Files.createDirectories(directory);
        ContenderJvm jvm = new ContenderJvm(who, scale, directory, out);
        switch (Workload.named(parsed.text("workload", ""))) {
            case COMMIT -> jvm.commits();
            case TRANSFER -> jvm.transfers();
            case READ -> jvm.reads();
            case LOAD -> jvm.loads();
            case MIX -> jvm.mix();
            case YCSB -> jvm.ycsb();
            case LARGE -> new LargeSteps(who, scale, directory).run(parsed.text("step", ""), jvm::cell);
            case REOPEN ->
                new ReopenSteps(who, scale, directory)
                        .run(parsed.text("step", ""), parsed.text("acknowledged", ""), out, jvm::cell);
            case SYNCS -> new SyncSteps(who, scale, directory).run(jvm::cell);
        }
        return 0;
    }

    private Contender filled() {
        Contender contender = who.open(directory, scale.cacheBytes());
        contender.load(data.sorted());
        return contender;
    }

    private void commits() {
        try (Contender contender = filled()) {
            settings(contender);
            for (int inFlight : scale.inFlight()) {
                cell("commit", inFlight + IN_FLIGHT, inFlight, loop(contender, inFlight, 1, sources::puts));
            }
        }
    }

    private void transfers() {
        try (Contender contender = filled()) {
            if (!contender.hasTransactions()) {
                cell(Map.of("workload", "transfer", "point", "", "missing", "has no transactions"));
                return;
            }
            for (int inFlight : List.of(1, MIDDLE)) {
                Figures figures = loop(contender, inFlight, 1, thread -> sources.transfers(thread, scale.accounts()));
                cell("transfer", inFlight + IN_FLIGHT, inFlight, figures);
            }
            checkBalances(contender);
        }
    }

    private void checkBalances(Contender contender) {
        long sum = 0;
        try (Session session = contender.session()) {
            for (int i = 0; i < scale.accounts(); i++) {
                sum += Balance.of(session.get(Keys.key(i)));
            }
        }
        long expected = scale.accounts() * Balance.INITIAL;
        if (sum != expected) {
            throw new IllegalStateException("the balances sum up to " + sum + ", not " + expected);
        }
    }

    private void reads() {
        try (Contender contender = filled()) {
            for (int threads = 1; threads <= 2; threads++) {
                Figures figures = ClosedLoop.threads(contender, timing(), threads, sources::gets);
                cell("read", threads + (threads == 1 ? " thread" : " threads"), threads, figures);
            }
            cell(
                    "scan",
                    SHORT_SCAN + " entries",
                    1,
                    ClosedLoop.threads(contender, timing(), 1, thread -> sources.scans(thread, SHORT_SCAN)));
            fullScan(contender);
        }
    }

    /** Whole passes over the store, as entries per second. */
    private void fullScan(Contender contender) {
        long[] bytes = new long[1];
        long entries = 0;
        long begin = System.nanoTime();
        double elapsed;
        try (Session session = contender.session()) {
            do {
                long found = session.scan(Keys.key(0), Long.MAX_VALUE >> 1, (key, value) -> bytes[0] += value.length);
                if (found != scale.keys()) {
                    throw new IllegalStateException("a full scan found " + found + " of " + scale.keys() + " entries");
                }
                entries += found;
                elapsed = (System.nanoTime() - begin) / 1e9;
            } while (elapsed < scale.warmUpSeconds() + scale.seconds());
        }
        cell(Map.of("workload", "scan", "point", "everything", "value", entries / elapsed, "unit", "entries/s"));
    }

    private void loads() throws IOException {
        warmUpLoad();
        load("sorted", true);
        load("random", false);
    }

    /** Into stores that are thrown away, until the code is compiled. */
    private void warmUpLoad() throws IOException {
        long begin = System.nanoTime();
        for (int i = 0; (System.nanoTime() - begin) / 1e9 < scale.firstWarmUpSeconds(); i++) {
            Path place = Files.createDirectory(directory.resolve("warm-up-" + i));
            try (Contender contender = who.open(place, scale.cacheBytes())) {
                contender.load(data.shuffled());
            }
            Directories.delete(place);
        }
    }

    private void load(String name, boolean sorted) throws IOException {
        Path place = Files.createDirectory(directory.resolve(name));
        long written = ProcessCost.now().writtenBytes();
        double seconds;
        try (Contender contender = who.open(place, scale.cacheBytes())) {
            long begin = System.nanoTime();
            contender.load(sorted ? data.sorted() : data.shuffled());
            seconds = (System.nanoTime() - begin) / 1e9;
        }
        double payload = (double) scale.keys() * (Keys.BYTES + scale.valueSize());
        Map<String, Object> cell = new LinkedHashMap<>();
        cell.put("workload", "load");
        cell.put("point", name);
        cell.put("value", scale.keys() / seconds);
        cell.put("unit", "entries/s");
        cell.put("write_amplification", (ProcessCost.now().writtenBytes() - written) / payload);
        cell.put("space_amplification", DiskUsage.bytes(place) / payload);
        cell(cell);
    }

    private void mix() {
        try (Contender contender = filled()) {
            Figures figures = loop(contender, MIDDLE, processors, thread -> sources.mix(thread, READ_PERCENT));
            cell("mix", "90 % reads, " + MIDDLE + IN_FLIGHT, MIDDLE, figures);
        }
    }

    private void ycsb() {
        try (Contender contender = filled()) {
            for (char letter = 'A'; letter <= 'F'; letter++) {
                char workload = letter;
                Figures figures = loop(contender, MIDDLE, processors, thread -> sources.ycsb(workload, thread));
                cell("ycsb", letter + ", " + MIDDLE + IN_FLIGHT, MIDDLE, figures);
            }
        }
    }

    private Figures loop(Contender contender, int inFlight, int drivers, IntFunction<OperationSource> operations) {
        return ClosedLoop.inFlight(contender, timing(), inFlight, drivers, operations);
    }

    /** The scale, with the long warm-up the first time. */
    private Scale timing() {
        Scale timing = warm ? scale : scale.withWarmUp(scale.firstWarmUpSeconds());
        warm = true;
        return timing;
    }

    private void settings(Contender contender) {
        out.println(CELL + Json.line(Map.of("settings", contender.settings())));
    }

    private void cell(String workload, String point, int inFlight, Figures figures) {
        Map<String, Object> cell = new LinkedHashMap<>();
        cell.put("workload", workload);
        cell.put("point", point);
        cell.put("in_flight", inFlight);
        cell.putAll(figures.members());
        cell(cell);
    }

    private void cell(Map<String, Object> cell) {
        out.println(CELL + Json.line(cell));
        out.flush();
    }
}
