package io.millrace.recovery;

import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** Tells the log of the JVM how a restart after a crash goes on: a line at the beginning, and one every few seconds. One thread at a time. */
public final class RestartLog implements RestartListener {
    private static final System.Logger LOG = System.getLogger(RestartLog.class.getName());
    private static final long LINE_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final double NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);

    private RestartPhase phase;
    private long nextLineNanos;

    @Override
    public void begins(boolean clean, long scanStartLsn) {
        if (!clean) {
            LOG.log(
                    System.Logger.Level.INFO,
                    "restart: the store was not closed by its last run; reading the log from LSN " + scanStartLsn);
        }
    }

    @Override
    public void restarting(RestartProgress progress) {
        if (progress.phase() != phase) {
            phase = progress.phase();
            nextLineNanos = LINE_NANOS;
        }
        if (progress.phaseNanos() >= nextLineNanos) {
            nextLineNanos = progress.phaseNanos() + LINE_NANOS;
            LOG.log(System.Logger.Level.INFO, () -> line(progress));
        }
    }

    static String line(RestartProgress progress) {
        String done = progress.phase() == RestartPhase.UNDO
                ? progress.done() + " of " + progress.total() + " changes"
                : mebibytes(progress.done()) + " of " + mebibytes(progress.total()) + " MiB of log";
        long remaining = progress.remainingNanos();
        String rest = remaining < 0 ? "" : ", about " + seconds(remaining) + " s left";
        return "restart: " + progress.phase().name().toLowerCase(Locale.ROOT) + " " + progress.percent() + "%, " + done
                + ", " + progress.records() + " records in " + seconds(progress.phaseNanos()) + " s" + rest;
    }

    private static long mebibytes(long bytes) {
        return bytes >> 20;
    }

    private static String seconds(long nanos) {
        return String.format(Locale.ROOT, "%.1f", nanos / NANOS_PER_SECOND);
    }
}
