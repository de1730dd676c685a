package io.millrace.perf.compare;

import io.millrace.perf.peer.Contenders;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** More data than memory, in two JVMs: one fills the store with memory enough, the other one reads with little. */
final class LargeSteps {
    static final String FILL = "fill";
    static final String READ = "read";

    private static final int FEW = 2;
    private static final int MANY = 64;

    private final Contenders who;
    private final Scale scale;
    private final Path directory;

    LargeSteps(Contenders who, Scale scale, Path directory) {
        this.who = who;
        this.scale = scale;
        this.directory = directory;
    }

    void run(String step, Consumer<Map<String, Object>> cells) {
        Scale.Large large = scale.large();
        Data data = new Data(large.keys(), large.valueSize());
        if (step.equals(FILL)) {
            try (Contender contender = who.open(directory, scale.cacheBytes())) {
                contender.load(data.sorted());
            }
            return;
        }
        Sources sources = new Sources(data, large.keys());
        try (Contender contender = who.open(directory, large.cacheBytes())) {
            for (int inFlight : List.of(FEW, MANY)) {
                Figures figures = inFlight == FEW
                        ? ClosedLoop.threads(contender, scale, inFlight, sources::gets)
                        : ClosedLoop.inFlight(contender, scale, inFlight, 1, sources::gets);
                Map<String, Object> cell = new LinkedHashMap<>();
                cell.put("workload", "large");
                cell.put("point", inFlight == FEW ? "reads, 2 threads" : "reads, " + inFlight + " in flight");
                cell.put("in_flight", inFlight);
                cell.putAll(figures.members());
                cells.accept(cell);
            }
        }
    }
}
