package io.millrace.perf.demo;

import java.io.Console;
import java.io.PrintStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** Shows how a round goes: a bar that moves on a terminal, else a plain line per second. Not thread-safe. */
final class Progress {
    private static final int BAR_WIDTH = 24;
    private static final long PLAIN_EVERY_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long RATE_OVER_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final String CLEAR_LINE = "\r\u001b[K";

    private final PrintStream out;
    private final boolean terminal;
    private final Deque<Sample> samples = new ArrayDeque<>();
    private String title = "";
    private long shownAt;

    private record Sample(long nanos, Message.Figures figures) {}

    Progress(PrintStream out, boolean terminal) {
        this.out = out;
        this.terminal = terminal;
    }

    /** Whether a person looks at the standard output. */
    @SuppressWarnings("SystemConsoleNull") // it still does on the JDKs before 22
    static boolean isTerminal() {
        Console console = System.console();
        if (console == null) {
            return false;
        }
        try {
            // Since 22 there is a console without a terminal, and this method.
            return (boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (ReflectiveOperationException e) {
            return true;
        }
    }

    void begin(String newTitle) {
        title = newTitle;
        shownAt = 0;
        samples.clear();
    }

    void show(long elapsedNanos, long plannedNanos, long acknowledged, Message.Figures figures) {
        if (figures == null) {
            return;
        }
        if (samples.isEmpty() || !samples.getLast().figures.equals(figures)) {
            samples.addLast(new Sample(elapsedNanos, figures));
            while (samples.size() > 2 && elapsedNanos - samples.getFirst().nanos > RATE_OVER_NANOS) {
                samples.removeFirst();
            }
        }
        if (terminal) {
            out.print(CLEAR_LINE + title + ' ' + bar((double) elapsedNanos / plannedNanos) + ' ' + rates(acknowledged));
            out.flush();
        } else if (elapsedNanos - shownAt >= PLAIN_EVERY_NANOS) {
            shownAt = elapsedNanos;
            out.println(title + ": " + rates(acknowledged));
        }
    }

    /** Replaces the bar by a line that stays. */
    void end(String text) {
        out.println((terminal ? CLEAR_LINE : "") + title + ": " + text);
    }

    static String bar(double done) {
        int full = (int) Math.round(Math.min(1, Math.max(0, done)) * BAR_WIDTH);
        return "[" + "#".repeat(full) + "-".repeat(BAR_WIDTH - full) + "]";
    }

    private String rates(long acknowledged) {
        Sample first = samples.getFirst();
        Sample last = samples.getLast();
        double seconds = (last.nanos - first.nanos) / 1e9;
        Message.Figures then = first.figures;
        Message.Figures now = last.figures;
        long forces = now.forces() - then.forces();
        return String.format(
                Locale.ROOT,
                "%,d transfers acknowledged, %,.0f commits/s, durable LSN %,d, %,.0f fsyncs/s, %.1f records per fsync",
                acknowledged,
                perSecond(now.commits() - then.commits(), seconds),
                now.durableLsn(),
                perSecond(forces, seconds),
                forces == 0 ? 0.0 : (double) (now.logRecords() - then.logRecords()) / forces);
    }

    private static double perSecond(long count, double seconds) {
        return seconds <= 0 ? 0 : count / seconds;
    }
}
