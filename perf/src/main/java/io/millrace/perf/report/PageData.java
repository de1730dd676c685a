package io.millrace.perf.report;

import io.millrace.perf.compare.Comparison;
import io.millrace.perf.compare.Comparison.Cell;
import io.millrace.perf.compare.Comparison.Row;
import io.millrace.perf.compare.RatioTable;
import io.millrace.perf.peer.Contenders;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the page's script reads. */
final class PageData {
    private PageData() {}

    static Map<String, Object> of(Comparison comparison) {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("ours", Contenders.MILLRACE.title());
        data.put("contenders", titles(comparison));
        data.put("summary", summary(comparison));
        data.put("disturbed", comparison.isDisturbed());
        data.put("charts", new Charts(comparison).all());
        data.put("table", table(comparison));
        data.put("notes", new RatioTable(comparison).notes());
        Map<String, Object> settings = new LinkedHashMap<>();
        comparison
                .settings()
                .forEach((id, text) -> settings.put(Contenders.named(id).title(), text));
        if (comparison.document().get("scale") instanceof Map<?, ?> scale) {
            scale.forEach((name, value) -> settings.put(words(name), value));
        }
        data.put("settings", settings);
        Map<String, Object> environment = new LinkedHashMap<>();
        if (comparison.document().get("environment") instanceof Map<?, ?> facts) {
            facts.forEach((name, value) -> environment.put(words(name), value));
        }
        data.put("environment", environment);
        return data;
    }

    private static String words(Object name) {
        return name.toString().replace('_', ' ');
    }

    private static List<String> titles(Comparison comparison) {
        return comparison.contenders().stream()
                .map(id -> Contenders.named(id).title())
                .toList();
    }

    private static String summary(Comparison comparison) {
        long measured = comparison.rows().stream()
                .filter(row -> !Double.isNaN(comparison.ratio(row)))
                .count();
        long better = comparison.rows().stream()
                .filter(row -> comparison.ratio(row) >= 1)
                .count();
        String text = "Millrace is at least as good as the best of the others in " + better + " of " + measured
                + " measurements.";
        return comparison.isDisturbed()
                ? "The machine was disturbed: the raw floor moved by more than a third in " + comparison.disturbedRuns()
                        + " of " + comparison.floorRuns() + " runs. " + text
                : text;
    }

    private static Map<String, Object> table(Comparison comparison) {
        List<String> header = new ArrayList<>(List.of("", "unit"));
        header.addAll(titles(comparison));
        header.add("ratio");
        List<Object> rows = new ArrayList<>();
        for (Row row : comparison.rows()) {
            List<Object> line = new ArrayList<>();
            line.add(cell(row.workload() + ": " + row.point(), ""));
            line.add(cell(row.unit(), ""));
            String best = comparison.bestPeer(row);
            for (String contender : comparison.contenders()) {
                Cell cell = comparison.cell(row, contender);
                String kind =
                        contender.equals(Contenders.MILLRACE.id()) ? "ours" : contender.equals(best) ? "best" : "";
                line.add(cell(cell == null ? "-" : RatioTable.number(cell.median("value")), kind));
            }
            double ratio = comparison.ratio(row);
            line.add(cell(RatioTable.number(ratio), Double.isNaN(ratio) ? "" : ratio >= 1 ? "good" : "bad"));
            rows.add(line);
        }
        return Map.of("header", header, "rows", rows);
    }

    private static Map<String, Object> cell(String text, String kind) {
        return Map.of("text", text, "kind", kind);
    }
}
