package io.millrace.perf.compare;

import io.millrace.perf.Directories;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** Runs a workload of a contender in its JVMs and measures the floor before and after. One at a time. */
final class Runner implements AutoCloseable {
    private static final Predicate<String> NEVER = line -> false;

    private final Scale scale;
    private final Path directory;
    private final Floors floors;
    private final Map<String, Object> remarks = new LinkedHashMap<>();

    Runner(Scale scale, Path directory) throws IOException {
        this.scale = scale;
        this.directory = directory;
        floors = new Floors(scale, directory);
    }

    Run run(Workload workload, String contender, int repetition) throws IOException {
        Path place = Files.createTempDirectory(directory, contender + "-");
        try {
            double before = floor(workload);
            List<Map<String, Object>> cells = new ArrayList<>();
            String failure = switch (workload) {
                case LARGE -> large(contender, place, cells);
                case REOPEN -> reopen(contender, place, cells);
                case SYNCS -> syncs(contender, place, cells);
                default -> plain(workload, contender, place, cells);
            };
            return new Run(workload.id(), contender, repetition, cells, failure, before, floor(workload));
        } finally {
            Directories.delete(place);
        }
    }

    private double floor(Workload workload) throws IOException {
        return workload.floor() == null ? 0 : floors.measure(workload.floor());
    }

    private List<String> arguments(Workload workload, String contender, Path place, String... more) {
        List<String> arguments = new ArrayList<>(List.of(
                "--contender", contender,
                "--workload", workload.id(),
                "--scale", scale.name(),
                "--directory", place.resolve("store").toString()));
        arguments.addAll(List.of(more));
        return arguments;
    }

    private String follow(ContenderProcess process, List<Map<String, Object>> cells) throws IOException {
        process.follow(scale.limitSeconds(), NEVER);
        cells.addAll(process.cells());
        return process.failure(scale.limitSeconds());
    }

    private String plain(Workload workload, String contender, Path place, List<Map<String, Object>> cells)
            throws IOException {
        List<String> arguments = arguments(workload, contender, place);
        return follow(start(arguments, place), cells);
    }

    private ContenderProcess start(List<String> arguments, Path place) throws IOException {
        return ContenderProcess.start(List.of(), scale.heapMiB(), arguments, place.resolve("errors"));
    }

    private String large(String contender, Path place, List<Map<String, Object>> cells) throws IOException {
        String failure =
                follow(start(arguments(Workload.LARGE, contender, place, "--step", LargeSteps.FILL), place), cells);
        if (failure != null) {
            return "while filling: " + failure;
        }
        boolean dropped = DiskUsage.dropFromCache(place);
        List<String> arguments = arguments(Workload.LARGE, contender, place, "--step", LargeSteps.READ);
        try (MemoryLimit limit = MemoryLimit.ofMiB(scale.large().totalMiB())) {
            ContenderProcess process =
                    ContenderProcess.start(List.of(), scale.large().heapMiB(), arguments, place.resolve("errors"));
            if (limit != null) {
                limit.add(process.process());
            }
            remarks.put(
                    "large",
                    limit != null && dropped
                            ? "the whole process, page cache included, limited to "
                                    + scale.large().totalMiB() + " MiB"
                            : "page cache NOT limited: no control group could be made here");
            return follow(process, cells);
        }
    }

    private String reopen(String contender, Path place, List<Map<String, Object>> cells) throws IOException {
        long length = (long) ((scale.warmUpSeconds() + 2 * scale.seconds()) * TimeUnit.SECONDS.toNanos(1));
        ContenderProcess writer =
                start(arguments(Workload.REOPEN, contender, place, "--step", ReopenSteps.WRITE), place);
        long[] first = new long[1];
        writer.follow(scale.limitSeconds(), line -> {
            if (!line.startsWith(ReopenSteps.ACKNOWLEDGED)) {
                return false;
            }
            if (first[0] == 0) {
                first[0] = System.nanoTime();
            }
            return System.nanoTime() - first[0] >= length;
        });
        if (writer.acknowledged() == null) {
            return "while writing: " + writer.failure(scale.limitSeconds());
        }
        List<String> open = arguments(
                Workload.REOPEN, contender, place, "--step", ReopenSteps.OPEN, "--acknowledged", writer.acknowledged());
        return follow(start(open, place), cells);
    }

    private String syncs(String contender, Path place, List<Map<String, Object>> cells) throws IOException {
        Path trace = place.resolve("trace");
        List<String> strace = List.of(
                "strace", "-f", "-qq", "-y", "--seccomp-bpf", "-e", "trace=" + SyncTrace.CALLS, "-o", trace.toString());
        List<Map<String, Object>> ignored = new ArrayList<>();
        String failure;
        try {
            failure = follow(
                    ContenderProcess.start(
                            strace,
                            scale.heapMiB(),
                            arguments(Workload.SYNCS, contender, place),
                            place.resolve("errors")),
                    ignored);
        } catch (IOException e) {
            return "strace can't be run: " + e.getMessage();
        }
        List<Integer> counts = Files.exists(trace)
                ? SyncTrace.count(Files.readAllLines(trace, StandardCharsets.ISO_8859_1))
                : List.of();
        for (int i = 0; i < Math.min(counts.size(), SyncSteps.IN_FLIGHT.size()); i++) {
            int inFlight = SyncSteps.IN_FLIGHT.get(i);
            Map<String, Object> cell = new LinkedHashMap<>();
            cell.put("workload", "syncs");
            cell.put("point", inFlight + " in flight");
            cell.put("in_flight", inFlight);
            cell.put("value", counts.get(i) / (double) SyncSteps.commits(inFlight));
            cell.put("unit", "forces per commit");
            cells.add(cell);
        }
        return failure;
    }

    /** What has to be said about the figures. */
    Map<String, Object> remarks() {
        return remarks;
    }

    @Override
    public void close() throws IOException {
        floors.close();
    }
}
