package io.millrace.recovery;

/**
 * Decides when the restart point is to be moved, and how far, so that a restart has no more log to repeat than the targets allow. It begins before a
 * target is reached and goes on in small steps: each writes back the pages first changed in a short stretch of log, which is about as much as is
 * changed anew meanwhile, so there are no bursts (ADR-0020). One thread; does nothing but reckon.
 */
final class CheckpointPace {
    /** Of what is allowed, the part that is used. */
    private static final double GOAL = 0.75;
    /** Of what is allowed, the part that one step moves. */
    private static final double STEP = 1.0 / 16;

    private final CheckpointTargets targets;
    private final RedoSpeed speed;
    private final LogHistory history = new LogHistory();
    private long written;

    CheckpointPace(CheckpointTargets targets, RedoSpeed speed) {
        this.targets = targets;
        this.speed = speed;
    }

    /** The log is durable up to {@code lsn}, after so many bytes. */
    void note(long lsn, long logBytes) {
        written = logBytes;
        history.note(lsn, logBytes);
    }

    /** The restart point has moved. */
    void moved(long restartLsn) {
        history.forgetBefore(restartLsn);
    }

    /** Pages first changed below this LSN are to be written back now; 0 if none are. */
    long writeBackBelow(long restartLsn, long dirtyPages) {
        long lag = written - history.bytesAt(restartLsn);
        double allowed = allowedBytes(lag, dirtyPages);
        if (lag <= GOAL * allowed) {
            return 0;
        }
        long below = history.lsnAt(written - (long) ((GOAL - STEP) * allowed));
        return below > restartLsn ? below : 0;
    }

    /** Log that may lie behind the restart point. The pages to be loaded are taken to become fewer as it does. */
    private double allowedBytes(long lag, long dirtyPages) {
        double nanos = speed.nanos(lag, dirtyPages);
        return nanos <= 0
                ? (double) targets.logBytes()
                : Math.min((double) targets.logBytes(), lag * (targets.recoveryNanos() / nanos));
    }
}
