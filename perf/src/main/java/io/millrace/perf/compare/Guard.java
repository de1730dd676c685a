package io.millrace.perf.compare;

import io.millrace.perf.compare.Comparison.Cell;
import io.millrace.perf.compare.Comparison.Row;
import io.millrace.perf.peer.Contenders;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Compares two runs of Millrace by their figures over the raw floor, so that a slower disk is not taken for a slower store. Worse is what lies
 * beyond the noise: a quarter, or the spread of the repetitions where that is more.
 */
final class Guard {
    private static final double NOISE = 0.25;
    private static final String VALUE = "value";
    private static final String OURS = Contenders.MILLRACE.id();

    private final Comparison stored;
    private final Comparison now;

    Guard(Comparison stored, Comparison now) {
        this.stored = stored;
        this.now = now;
    }

    /** A line for each row of the stored run: what it was, what it is, whether that is worse. */
    List<Verdict> verdicts() {
        List<Verdict> verdicts = new ArrayList<>();
        for (Row row : stored.rows()) {
            Cell before = stored.cell(row, OURS);
            if (before == null || row.workload().equals(Workload.SYNCS.id())) {
                continue;
            }
            Cell after = now.rows().contains(row) ? now.cell(row, OURS) : null;
            double ratio = after == null ? Double.NaN : relative(row, after) / relative(row, before);
            double noise = Math.max(NOISE, Math.max(spread(before), after == null ? 0 : spread(after)));
            verdicts.add(new Verdict(row, ratio, noise));
        }
        return verdicts;
    }

    /** Over the floor; greater is better. */
    private static double relative(Row row, Cell cell) {
        double floor = Double.isNaN(cell.floor()) ? 1 : cell.floor();
        // A time times the floor's rate is the floor's operations that would have fitted in.
        return row.lessIsBetter() ? 1 / (cell.median(VALUE) * floor) : cell.median(VALUE) / floor;
    }

    private static double spread(Cell cell) {
        return (cell.greatest(VALUE) - cell.least(VALUE)) / cell.median(VALUE);
    }

    /**
     * Of one row.
     *
     * @param row which
     * @param ratio the present figure over the stored one, both over their floors; NaN if there is no present one
     * @param noise what may be lost without meaning anything
     */
    record Verdict(Row row, double ratio, double noise) {
        boolean isWorse() {
            return !(ratio >= 1 - noise);
        }

        String line() {
            return String.format(
                    Locale.ROOT,
                    "%-45s %6.2f times the stored figure%s",
                    row.workload() + ": " + row.point(),
                    ratio,
                    isWorse() ? "  WORSE, beyond the noise of " + Math.round(noise * 100) + " %" : "");
        }
    }
}
