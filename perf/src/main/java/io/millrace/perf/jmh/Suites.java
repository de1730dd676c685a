package io.millrace.perf.jmh;

import io.millrace.perf.Arguments;
import io.millrace.perf.JvmFlags;
import io.millrace.perf.UsageException;
import io.millrace.perf.result.Environment;
import io.millrace.perf.result.Json;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Lists the JMH suites and runs one by its name, always with the figures of the garbage collector, and stores the result as JSON. */
public final class Suites {
    private static final Set<String> VALUED = Set.of("forks", "warm-up", "iterations", "seconds", "threads", "json");
    private static final String SETTINGS = "settings";

    private Suites() {}

    /** The names of the suites, in order. */
    public static Set<String> names() {
        Set<String> names = new TreeSet<>();
        BenchmarkList.defaultList()
                .getAll(
                        OutputFormatFactory.createFormatInstance(
                                new PrintStream(PrintStream.nullOutputStream()), VerboseMode.SILENT),
                        List.of())
                .forEach(entry -> names.add(simpleName(entry.getUserClassQName())));
        return names;
    }

    private static String simpleName(String qualified) {
        return qualified.substring(qualified.lastIndexOf('.') + 1);
    }

    /** Runs the suite of this name; answers the exit status. */
    public static int run(String name, List<String> options, PrintStream out) throws IOException {
        String suite = names().stream()
                .filter(known -> known.equalsIgnoreCase(name.replace("-", "")))
                .findFirst()
                .orElseThrow(() -> new UsageException("no benchmark is called " + name + "; bench --list shows them"));
        Arguments arguments = Arguments.parse(options, VALUED, Set.of());
        Collection<RunResult> results;
        try {
            results = new Runner(options(suite, arguments).build()).run();
        } catch (RunnerException e) {
            System.err.println("bench: " + e.getMessage());
            return 1;
        }
        String json = arguments.text("json", null);
        if (json != null) {
            Files.writeString(Path.of(json), Json.pretty(document(suite, arguments, results)));
            out.println("written to " + json);
        }
        return 0;
    }

    private static ChainedOptionsBuilder options(String suite, Arguments arguments) {
        ChainedOptionsBuilder options = new OptionsBuilder()
                .include("\\." + suite + "\\.")
                .addProfiler(GCProfiler.class)
                .shouldFailOnError(true)
                // A jar's manifest does not reach the forks, which are started by class path.
                .jvmArgsAppend(JvmFlags.forRunningJdk().toArray(String[]::new));
        List<String> settings = new ArrayList<>();
        arguments.settings().forEach((key, value) -> {
            // Settings of the store have a dot in their name, parameters of benchmarks have none.
            if (key.contains(".")) {
                settings.add(key + "=" + value);
            } else {
                options.param(key, value.split(","));
            }
        });
        if (!settings.isEmpty()) {
            options.param(SETTINGS, String.join(";", settings));
        }
        if (arguments.has("forks")) {
            options.forks(arguments.smallNumber("forks", 1, 0));
        }
        if (arguments.has("warm-up")) {
            options.warmupIterations(arguments.smallNumber("warm-up", 1, 0));
        }
        if (arguments.has("iterations")) {
            options.measurementIterations(arguments.smallNumber("iterations", 1, 1));
        }
        if (arguments.has("seconds")) {
            TimeValue time = TimeValue.seconds(arguments.smallNumber("seconds", 1, 1));
            options.measurementTime(time).warmupTime(time);
        }
        if (arguments.has("threads")) {
            options.threads(arguments.smallNumber("threads", 1, 1));
        }
        return options;
    }

    private static Map<String, Object> document(String suite, Arguments arguments, Collection<RunResult> results) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("format", "millrace-results/1");
        document.put("kind", "suite");
        document.put("suite", suite);
        document.put("environment", Environment.of(Path.of(System.getProperty("java.io.tmpdir"))));
        document.put(SETTINGS, arguments.settings());
        document.put("results", results.stream().map(Suites::row).toList());
        return document;
    }

    private static Map<String, Object> row(RunResult run) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("benchmark", run.getParams().getBenchmark());
        row.put("mode", run.getParams().getMode().shortLabel());
        row.put("threads", run.getParams().getThreads());
        Map<String, String> parameters = new LinkedHashMap<>();
        run.getParams()
                .getParamsKeys()
                .forEach(key -> parameters.put(key, run.getParams().getParam(key)));
        row.put("parameters", parameters);
        Result<?> primary = run.getPrimaryResult();
        row.put("score", primary.getScore());
        row.put("error", primary.getScoreError());
        row.put("unit", primary.getScoreUnit());
        Map<String, Object> secondary = new LinkedHashMap<>();
        run.getSecondaryResults().forEach((label, result) -> secondary.put(label, result.getScore()));
        row.put("also", secondary);
        return row;
    }
}
