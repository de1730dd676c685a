package io.millrace.recovery;

/**
 * How far a restart has come.
 *
 * @param phase the phase that is going on
 * @param done work of this phase that is done; {@link RestartPhase} says what it is counted in
 * @param total all work of this phase; in analysis an upper bound, since the end of the log is what it looks for
 * @param records log records this phase has read or undone
 * @param phaseNanos how long the phase has taken
 * @param finished whether it is over
 */
public record RestartProgress(
        RestartPhase phase, long done, long total, long records, long phaseNanos, boolean finished) {
    private static final int COMPLETE = 100;

    /** How long the phase will still take at the speed it has had, -1 if that can't be said yet. */
    public long remainingNanos() {
        if (finished) {
            return 0;
        }
        return done <= 0 || total <= 0 ? -1 : (long) ((double) phaseNanos / done * Math.max(0, total - done));
    }

    /** Percent of the phase's work that is done. */
    public int percent() {
        if (finished) {
            return COMPLETE;
        }
        return total <= 0 ? 0 : (int) Math.min(COMPLETE, (double) COMPLETE * done / total);
    }
}
