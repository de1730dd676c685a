package io.millrace.perf.compare;

import io.millrace.perf.compare.Comparison.Cell;
import io.millrace.perf.compare.Comparison.Row;
import io.millrace.perf.peer.Contenders;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The table of a comparison: a row per workload, a column per contender, the best peer marked, and the ratio to it. */
public final class RatioTable {
    private static final String BEST = "*";
    private static final String NONE = "-";
    private static final double THOUSAND = 1000;

    private final Comparison comparison;

    /** Of these results. */
    public RatioTable(Comparison comparison) {
        this.comparison = comparison;
    }

    /** Three significant digits, with k and M. */
    public static String number(double value) {
        if (Double.isNaN(value)) {
            return NONE;
        }
        double size = Math.abs(value);
        if (size >= THOUSAND * THOUSAND) {
            return digits(value / THOUSAND / THOUSAND) + "M";
        }
        return size >= 10 * THOUSAND ? digits(value / THOUSAND) + "k" : digits(value);
    }

    private static String digits(double value) {
        double size = Math.abs(value);
        String format = size >= 100 ? "%.0f" : size >= 10 ? "%.1f" : size >= 0.1 || value == 0 ? "%.2f" : "%.3f";
        return String.format(Locale.ROOT, format, value);
    }

    private static String ratio(double value) {
        return Double.isNaN(value) || Double.isInfinite(value) ? NONE : digits(value);
    }

    private List<String> header() {
        List<String> header = new ArrayList<>(List.of("workload", "unit"));
        for (String contender : comparison.contenders()) {
            header.add(Contenders.named(contender).title());
        }
        header.add("floor");
        header.add("ratio to best peer");
        return header;
    }

    private List<List<String>> lines() {
        List<List<String>> lines = new ArrayList<>();
        for (Row row : comparison.rows()) {
            List<String> line = new ArrayList<>(List.of(row.workload() + ": " + row.point(), row.unit()));
            String best = comparison.bestPeer(row);
            double floor = Double.NaN;
            for (String contender : comparison.contenders()) {
                Cell cell = comparison.cell(row, contender);
                line.add(cell == null ? NONE : figure(cell, contender.equals(best)));
                floor = cell != null && Double.isNaN(floor) ? cell.floor() : floor;
            }
            line.add(number(floor));
            line.add(ratio(comparison.ratio(row)));
            lines.add(line);
        }
        return lines;
    }

    private static String figure(Cell cell, boolean isBest) {
        return number(cell.median("value")) + (isBest ? BEST : "") + (cell.isDisturbed() ? "!" : "");
    }

    /** For a terminal. */
    public String text() {
        List<List<String>> all = new ArrayList<>();
        all.add(header());
        all.addAll(lines());
        StringBuilder text = new StringBuilder();
        for (List<String> line : all) {
            for (int column = 0; column < line.size(); column++) {
                int at = column;
                int width =
                        all.stream().mapToInt(any -> any.get(at).length()).max().orElse(0);
                text.append(String.format((column < 2 ? "%-" : "%") + width + "s  ", line.get(column)));
            }
            text.setLength(text.toString().stripTrailing().length());
            text.append('\n');
        }
        return text.append('\n').append(String.join("\n", notes())).append('\n').toString();
    }

    /** For a document. */
    public String markdown() {
        StringBuilder text = new StringBuilder();
        List<String> header = header();
        text.append("| ").append(String.join(" | ", header)).append(" |\n|");
        for (int i = 0; i < header.size(); i++) {
            text.append(i < 2 ? " --- |" : " ---: |");
        }
        text.append('\n');
        for (List<String> line : lines()) {
            text.append("| ")
                    .append(String.join(" | ", line).replace(BEST, "\\*"))
                    .append(" |\n");
        }
        text.append('\n');
        for (String note : notes()) {
            text.append("* ").append(note.replace(BEST, "\\*")).append('\n');
        }
        return text.toString();
    }

    /** What has to be said beside the figures. */
    public List<String> notes() {
        List<String> notes = new ArrayList<>();
        notes.add("ratio: how many times as good as the best peer (" + BEST + ") Millrace is; above 1 is better");
        notes.add("floor: what the machine does without a store, around Millrace's runs: forces of 4 KiB, copies of an"
                + " entry, direct reads of 4 KiB, entries written in sequence");
        notes.add(
                comparison.isDisturbed()
                        ? String.format(
                                "DISTURBED: the floor moved by more than a third in %d of %d runs (!)",
                                comparison.disturbedRuns(), comparison.floorRuns())
                        : String.format(
                                "the floor moved by more than a third in %d of %d runs (!)",
                                comparison.disturbedRuns(), comparison.floorRuns()));
        if (comparison.document().get("remarks") instanceof Map<?, ?> remarks) {
            remarks.forEach((workload, remark) -> notes.add(workload + ": " + remark));
        }
        comparison.failures().forEach(failure -> notes.add("failed: " + failure));
        return notes;
    }
}
