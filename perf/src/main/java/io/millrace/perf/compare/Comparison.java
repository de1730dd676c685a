package io.millrace.perf.compare;

import io.millrace.perf.peer.Contenders;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.DoubleStream;

/** A comparison's results, read from its JSON: rows of workloads, columns of contenders, the repetitions of a cell together. */
public final class Comparison {
    /** A single outlier of a floor is a cell's trouble; more are the run's. */
    private static final double DISTURBED_SHARE = 0.05;

    private static final String OURS = Contenders.MILLRACE.id();

    private final Map<String, Object> document;
    private final Map<Row, Map<String, Cell>> table = new LinkedHashMap<>();
    private final Map<String, String> settings = new LinkedHashMap<>();
    private final Map<String, String> missing = new LinkedHashMap<>();
    private final List<String> failures = new ArrayList<>();
    private final Set<String> contenders = new LinkedHashSet<>();
    private final Map<String, List<Double>> floors = new LinkedHashMap<>();
    private final List<Run> all = new ArrayList<>();
    private int runs;
    private int disturbedRuns;

    /**
     * What a row is about.
     *
     * @param workload name of the workload
     * @param point which cell of it
     * @param unit of its figures
     */
    public record Row(String workload, String point, String unit) {
        /** Whether less is better. */
        public boolean lessIsBetter() {
            return unit.equals("ms") || unit.startsWith("forces");
        }
    }

    /** The repetitions of a contender's cell. */
    public static final class Cell {
        private final List<Map<String, Object>> repetitions = new ArrayList<>();
        private final List<Double> floors = new ArrayList<>();
        private boolean disturbed;

        /** The median of a figure, NaN if nobody has it. */
        public double median(String figure) {
            double[] sorted = values(figure);
            int middle = sorted.length / 2;
            if (sorted.length == 0) {
                return Double.NaN;
            }
            return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        }

        /** The least. */
        public double least(String figure) {
            return DoubleStream.of(values(figure)).min().orElse(Double.NaN);
        }

        /** The greatest. */
        public double greatest(String figure) {
            return DoubleStream.of(values(figure)).max().orElse(Double.NaN);
        }

        private double[] values(String figure) {
            return repetitions.stream()
                    .map(cell -> cell.get(figure))
                    .filter(Number.class::isInstance)
                    .mapToDouble(value -> ((Number) value).doubleValue())
                    .sorted()
                    .toArray();
        }

        /** The raw floor around it, NaN if there is none. */
        public double floor() {
            return floors.stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN);
        }

        /** Whether the floor moved by more than a third around one of them. */
        public boolean isDisturbed() {
            return disturbed;
        }
    }

    private Comparison(Map<String, Object> document) {
        this.document = document;
    }

    /** Reads it. */
    public static Comparison of(Map<String, Object> document) {
        if (!"compare".equals(document.get("kind"))) {
            throw new IllegalArgumentException("these are no results of bench compare");
        }
        Comparison comparison = new Comparison(document);
        for (Object run : (List<?>) document.get("runs")) {
            @SuppressWarnings("unchecked") // as Run.members() wrote it
            Run read = Run.of((Map<String, Object>) run);
            comparison.add(read);
        }
        return comparison;
    }

    private void add(Run run) {
        all.add(run);
        contenders.add(run.contender());
        boolean disturbed = false;
        if (run.floorBefore() > 0) {
            runs++;
            disturbed = run.isDisturbed();
            disturbedRuns += disturbed ? 1 : 0;
            floors.computeIfAbsent(Workload.named(run.workload()).floor().id(), id -> new ArrayList<>())
                    .add(run.floor());
        }
        if (run.failure() != null) {
            failures.add(run.contender() + ", " + run.workload() + ": " + run.failure());
        }
        for (Map<String, Object> members : run.cells()) {
            if (members.get("settings") instanceof String text) {
                settings.put(run.contender(), text);
            } else {
                add(run, members, disturbed);
            }
        }
    }

    private void add(Run run, Map<String, Object> members, boolean disturbed) {
        String workload = (String) members.get("workload");
        if (members.get("missing") instanceof String reason) {
            missing.put(run.contender() + " " + workload, reason);
            return;
        }
        Row row = new Row(workload, (String) members.get("point"), String.valueOf(members.get("unit")));
        Cell cell = table.computeIfAbsent(row, any -> new LinkedHashMap<>())
                .computeIfAbsent(run.contender(), any -> new Cell());
        cell.repetitions.add(members);
        cell.disturbed |= disturbed;
        if (run.floor() > 0) {
            cell.floors.add(run.floor());
        }
        if (members.get("lost") instanceof Number lost && lost.doubleValue() > 0) {
            failures.add(run.contender() + " lost " + lost.longValue() + " acknowledged commits after kill -9");
        }
    }

    /** The rows, in the order measured. */
    public List<Row> rows() {
        return List.copyOf(table.keySet());
    }

    /** Everybody, in the usual order. */
    public List<String> contenders() {
        return Arrays.stream(Contenders.values())
                .map(Contenders::id)
                .filter(contenders::contains)
                .toList();
    }

    /** A cell; null if there is none. */
    public Cell cell(Row row, String contender) {
        return table.get(row).get(contender);
    }

    /** Why a contender has no figures for a workload; null if it has, or nobody knows. */
    public String missing(Row row, String contender) {
        return missing.get(contender + " " + row.workload());
    }

    /** The best of the others; null if there is none. */
    public String bestPeer(Row row) {
        String best = null;
        if (row.workload().equals(Workload.SYNCS.id())) {
            // Proof of durability, no contest.
            return null;
        }
        for (String contender : contenders()) {
            Cell cell = cell(row, contender);
            if (cell != null && !contender.equals(OURS) && (best == null || isBetter(row, cell, cell(row, best)))) {
                best = contender;
            }
        }
        return best;
    }

    private static boolean isBetter(Row row, Cell one, Cell other) {
        double difference = one.median("value") - other.median("value");
        return row.lessIsBetter() ? difference < 0 : difference > 0;
    }

    /** How many times as good as the best peer Millrace is: 2 is twice as fast, 0.5 half. NaN if one of both is missing. */
    public double ratio(Row row) {
        Cell ours = cell(row, OURS);
        String best = bestPeer(row);
        if (ours == null || best == null) {
            return Double.NaN;
        }
        double ratio = ours.median("value") / cell(row, best).median("value");
        return row.lessIsBetter() ? 1 / ratio : ratio;
    }

    /** Millrace's figure over the raw floor of the same runs; NaN if there is none. */
    public double ratioToFloor(Row row) {
        Cell ours = cell(row, OURS);
        return ours == null ? Double.NaN : ours.median("value") / ours.floor();
    }

    List<Run> runs() {
        return all;
    }

    /** What went wrong. */
    public List<String> failures() {
        return failures;
    }

    /** How each is set up. */
    public Map<String, String> settings() {
        return settings;
    }

    /** What the file says beside figures. */
    public Map<String, Object> document() {
        return document;
    }

    /** The floors by kind, one per run. */
    public Map<String, List<Double>> floors() {
        return floors;
    }

    /** Runs around which the floor moved by more than a third. */
    public int disturbedRuns() {
        return disturbedRuns;
    }

    /** Runs that have a floor. */
    public int floorRuns() {
        return runs;
    }

    /** Whether so much moved that the whole means little. */
    public boolean isDisturbed() {
        return disturbedRuns > DISTURBED_SHARE * runs;
    }
}
