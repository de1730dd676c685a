package io.millrace.perf.report;

import io.millrace.perf.compare.Comparison;
import io.millrace.perf.compare.Comparison.Cell;
import io.millrace.perf.compare.Comparison.Row;
import io.millrace.perf.peer.Contenders;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Says what is drawn: lines over the number in flight and over percentiles, bars by contender. A chart without data is left out. */
final class Charts {
    private static final String VALUE = "value";
    private static final int MIDDLE = 64;
    private static final Map<String, String> PERCENTILES = percentiles();

    private final Comparison comparison;

    Charts(Comparison comparison) {
        this.comparison = comparison;
    }

    private static Map<String, String> percentiles() {
        Map<String, String> labels = new LinkedHashMap<>();
        labels.put("p50_us", "50 %");
        labels.put("p90_us", "90 %");
        labels.put("p99_us", "99 %");
        labels.put("p999_us", "99.9 %");
        labels.put("max_us", "max");
        return labels;
    }

    private record BarChart(String id, String title, String text, String x, boolean logarithmic) {}

    List<Map<String, Object>> all() {
        List<Map<String, Object>> charts = new ArrayList<>();
        ratios(charts);
        throughput(charts);
        latency(charts);
        speeds(charts);
        costs(charts);
        return charts;
    }

    private void speeds(List<Map<String, Object>> charts) {
        bars(
                charts,
                new BarChart("read", "Point reads", "Random keys, all in memory, two threads.", "reads/s", false),
                "read",
                "2 threads",
                VALUE);
        bars(
                charts,
                new BarChart("scan", "Scans of 100 entries", "From random keys, one thread.", "scans/s", false),
                "scan",
                "100 entries",
                VALUE);
        bars(
                charts,
                new BarChart(
                        "transfer",
                        "Bank transfers",
                        "Two balances in one transaction, 64 in flight.",
                        "transfers/s",
                        false),
                "transfer",
                MIDDLE + " in flight",
                VALUE);
    }

    private void costs(List<Map<String, Object>> charts) {
        bars(
                charts,
                new BarChart(
                        "cpu", "Processor time of a commit", "64 in flight; less is better.", "microseconds", true),
                "commit",
                MIDDLE + " in flight",
                "cpu_us_per_op");
        bars(
                charts,
                new BarChart(
                        "bytes",
                        "Bytes written for a commit",
                        "64 in flight, entries of 116 bytes; less is better.",
                        "bytes",
                        true),
                "commit",
                MIDDLE + " in flight",
                "written_bytes_per_op");
        bars(
                charts,
                new BarChart(
                        "write-amplification",
                        "Write amplification of a load",
                        "Bytes written over bytes loaded, random order; less is better.",
                        "times",
                        true),
                "load",
                "random",
                "write_amplification");
        bars(
                charts,
                new BarChart(
                        "space-amplification",
                        "Space amplification after a load",
                        "Bytes on disk over bytes loaded, random order; less is better.",
                        "times",
                        true),
                "load",
                "random",
                "space_amplification");
        bars(
                charts,
                new BarChart(
                        "large",
                        "More data than memory",
                        "Random reads, two threads, page cache limited too.",
                        "reads/s",
                        false),
                "large",
                "reads, 2 threads",
                VALUE);
        bars(
                charts,
                new BarChart(
                        "reopen",
                        "Opening after kill -9",
                        "Until the first read is answered; less is better.",
                        "milliseconds",
                        true),
                "reopen",
                "after kill -9",
                VALUE);
    }

    private static Map<String, Object> chart(String id, String title, String text) {
        Map<String, Object> chart = new LinkedHashMap<>();
        chart.put("id", id);
        chart.put("title", title);
        chart.put("text", text);
        return chart;
    }

    private void ratios(List<Map<String, Object>> charts) {
        List<Map<String, Object>> bars = new ArrayList<>();
        for (Row row : comparison.rows()) {
            double ratio = comparison.ratio(row);
            if (!Double.isNaN(ratio) && ratio > 0) {
                bars.add(Map.of("name", row.workload() + ": " + row.point(), VALUE, ratio, "good", ratio >= 1));
            }
        }
        if (!bars.isEmpty()) {
            Map<String, Object> chart = chart(
                    "ratio",
                    "Millrace over the best peer",
                    "Above 1 Millrace is better, below 1 the best of the others.");
            chart.put("x", "times");
            chart.put("log", true);
            chart.put("base", 1);
            chart.put("bars", bars);
            charts.add(chart);
        }
    }

    private void throughput(List<Map<String, Object>> charts) {
        List<Map<String, Object>> series = new ArrayList<>();
        for (String contender : comparison.contenders()) {
            List<Map<String, Object>> points = new ArrayList<>();
            for (Row row : rows("commit")) {
                Cell cell = comparison.cell(row, contender);
                if (cell != null && cell.median(VALUE) > 0) {
                    points.add(Map.of("x", cell.median("in_flight"), "y", cell.median(VALUE)));
                }
            }
            addSeries(series, contender, points);
        }
        if (!series.isEmpty()) {
            Map<String, Object> chart =
                    chart("commits", "Durable commits", "Single keys, each forced to disk before it is acknowledged.");
            chart.put("x", "in flight");
            chart.put("y", "commits/s");
            chart.put("series", series);
            charts.add(chart);
        }
    }

    private void latency(List<Map<String, Object>> charts) {
        List<Map<String, Object>> series = new ArrayList<>();
        for (Row row : rows("commit")) {
            if (!row.point().equals(MIDDLE + " in flight")) {
                continue;
            }
            for (String contender : comparison.contenders()) {
                Cell cell = comparison.cell(row, contender);
                List<Map<String, Object>> points = new ArrayList<>();
                PERCENTILES.forEach((figure, label) -> {
                    if (cell != null && cell.median(figure) > 0) {
                        points.add(Map.of("x", label, "y", cell.median(figure)));
                    }
                });
                addSeries(series, contender, points);
            }
        }
        if (!series.isEmpty()) {
            Map<String, Object> chart =
                    chart("latency", "Latency of a durable commit", "64 in flight; less is better.");
            chart.put("labels", List.copyOf(PERCENTILES.values()));
            chart.put("y", "microseconds");
            chart.put("series", series);
            charts.add(chart);
        }
    }

    private static void addSeries(
            List<Map<String, Object>> series, String contender, List<Map<String, Object>> points) {
        if (!points.isEmpty()) {
            series.add(Map.of("name", Contenders.named(contender).title(), "points", points));
        }
    }

    private List<Row> rows(String workload) {
        return comparison.rows().stream()
                .filter(row -> row.workload().equals(workload))
                .toList();
    }

    private void bars(List<Map<String, Object>> charts, BarChart what, String workload, String point, String figure) {
        List<Map<String, Object>> bars = new ArrayList<>();
        for (Row row : rows(workload)) {
            if (row.point().equals(point)) {
                for (String contender : comparison.contenders()) {
                    Cell cell = comparison.cell(row, contender);
                    if (cell != null && cell.median(figure) > 0) {
                        bars.add(Map.of("name", Contenders.named(contender).title(), VALUE, cell.median(figure)));
                    }
                }
            }
        }
        if (bars.isEmpty()) {
            return;
        }
        Comparator<Map<String, Object>> byValue = Comparator.comparingDouble(bar -> (Double) bar.get(VALUE));
        // Where less is better the axis is logarithmic, and the least stands first.
        bars.sort(what.logarithmic ? byValue : byValue.reversed());
        Map<String, Object> chart = chart(what.id, what.title, what.text);
        chart.put("x", what.x);
        chart.put("log", what.logarithmic);
        chart.put("bars", bars);
        charts.add(chart);
    }
}
