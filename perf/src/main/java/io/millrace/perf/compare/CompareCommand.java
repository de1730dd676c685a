package io.millrace.perf.compare;

import io.millrace.perf.result.Environment;
import io.millrace.perf.result.Json;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * {@code millrace bench compare}: goes through the workloads, in each through the contenders, as often as the scale says, so that repetitions are
 * interleaved; ends with the ratio table.
 */
public final class CompareCommand {
    /** Exit status of a run that has used up its budget: start it again and it goes on. */
    public static final int TO_BE_RESUMED = 75;

    private static final double START_SECONDS = 2.5;
    private static final double FLOOR_SECONDS = 0.8;
    private static final int LOAD_RATE = 60_000;
    private static final int MAX_ATTEMPTS = 3;
    private static final double NANOS = 1e9;

    private final CompareOptions options;
    private final PrintStream out;

    private record Step(Workload workload, String contender, int repetition) {}

    private CompareCommand(CompareOptions options, PrintStream out) {
        this.options = options;
        this.out = out;
    }

    /** Compares; answers the exit status. */
    public static int run(List<String> arguments, PrintStream out) throws IOException {
        return new CompareCommand(CompareOptions.parse(arguments), out).compare();
    }

    private int compare() throws IOException {
        Files.createDirectories(options.directory());
        Scale scale = options.scale();
        Progress progress = Progress.at(options.json(), scale, Environment.of(options.directory()));
        List<Step> steps = plan();
        List<Step> left = steps.stream()
                .filter(step -> !progress.has(step.workload, step.contender, step.repetition))
                .toList();
        out.printf(
                Locale.ROOT,
                "%d of %d runs to do, about %.0f minutes; stores in %s%n",
                left.size(),
                steps.size(),
                left.stream().mapToDouble(this::estimateSeconds).sum() / 60,
                options.directory());
        long begin = System.nanoTime();
        Map<String, Object> remarks;
        try (Runner runner = new Runner(scale, options.directory())) {
            int done = steps.size() - left.size();
            for (Step step : left) {
                if (options.budgetSeconds() > 0 && (System.nanoTime() - begin) / NANOS > options.budgetSeconds()) {
                    out.println("the budget is used up; the same command goes on from here");
                    return TO_BE_RESUMED;
                }
                Run run = undisturbed(runner, step);
                progress.add(run);
                report(++done, steps.size(), run);
            }
            remarks = runner.remarks();
        }
        finish(progress, remarks, (System.nanoTime() - begin) / NANOS);
        return 0;
    }

    /** Runs the step, and once more as long as the floor has moved meanwhile; the floor decides, never the figures. */
    private static Run undisturbed(Runner runner, Step step) throws IOException {
        Run run = null;
        for (int attempt = 0; attempt < MAX_ATTEMPTS && (run == null || run.isDisturbed()); attempt++) {
            run = runner.run(step.workload, step.contender, step.repetition);
        }
        return run;
    }

    private List<Step> plan() {
        List<Step> steps = new ArrayList<>();
        for (int repetition = 0; repetition < options.scale().repetitions(); repetition++) {
            for (Workload workload : options.workloads()) {
                if (workload == Workload.SYNCS && repetition > 0) {
                    continue;
                }
                for (String contender : options.contenders()) {
                    steps.add(new Step(workload, contender, repetition));
                }
            }
        }
        return steps;
    }

    private double estimateSeconds(Step step) {
        Scale scale = options.scale();
        double cells = step.workload.timedCells(scale) * (scale.seconds() + scale.warmUpSeconds())
                + (step.workload.timedCells(scale) > 0 ? scale.firstWarmUpSeconds() : 0);
        double load = (double) scale.keys() / LOAD_RATE;
        double more = switch (step.workload) {
            case LOAD -> load + scale.firstWarmUpSeconds();
            case LARGE -> (double) scale.large().keys() / LOAD_RATE;
            case REOPEN -> 2 * scale.seconds() + START_SECONDS;
            default -> 0;
        };
        return START_SECONDS + FLOOR_SECONDS + cells + load + more;
    }

    private void report(int done, int of, Run run) {
        StringBuilder line = new StringBuilder(
                String.format(Locale.ROOT, "[%d/%d] %-9s %-18s", done, of, run.workload(), run.contender()));
        for (Map<String, Object> cell : run.cells()) {
            if (cell.get("value") instanceof Number value) {
                line.append(' ').append(RatioTable.number(value.doubleValue()));
            } else if (cell.containsKey("missing")) {
                line.append(' ').append(cell.get("missing"));
            }
        }
        if (run.failure() != null) {
            line.append("  FAILED: ").append(run.failure());
        }
        out.println(line);
    }

    private void finish(Progress progress, Map<String, Object> remarks, double seconds) throws IOException {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("format", "millrace-results/1");
        document.put("kind", "compare");
        document.put("scale", scale());
        document.put("environment", progress.environment());
        document.put("remarks", remarks);
        document.put("runs", progress.runs().stream().map(Run::members).toList());
        Files.writeString(options.json(), Json.pretty(document));
        progress.remove();
        Comparison comparison = Comparison.of(document);
        out.println();
        out.print(new RatioTable(comparison).text());
        out.printf(Locale.ROOT, "%n%.1f minutes; results in %s%n", seconds / 60, options.json());
    }

    private Map<String, Object> scale() {
        Scale scale = options.scale();
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("name", scale.name());
        members.put("keys", scale.keys());
        members.put("value_bytes", scale.valueSize());
        members.put("cache_mib", scale.cacheBytes() >> 20);
        members.put("seconds", scale.seconds());
        members.put("first_warm_up_seconds", scale.firstWarmUpSeconds());
        members.put("warm_up_seconds", scale.warmUpSeconds());
        members.put("repetitions", scale.repetitions());
        members.put("heap_mib", scale.heapMiB());
        members.put("large_keys", scale.large().keys());
        members.put("large_value_bytes", scale.large().valueSize());
        members.put("large_cache_mib", scale.large().cacheBytes() >> 20);
        members.put("large_total_mib", scale.large().totalMiB());
        return members;
    }
}
