package io.millrace.error;

/** The log no longer reaches back to the position asked for. Start again from a snapshot or a backup. */
public final class LogPositionGoneException extends MillraceException {

    private static final long serialVersionUID = 1L;

    private final long lsn;
    private final long oldestLsn;

    /** The position asked for, and the oldest one there is. */
    public LogPositionGoneException(long lsn, long oldestLsn) {
        super(
                "the log no longer holds LSN " + lsn + ", it begins at " + oldestLsn
                        + ": start from a snapshot or a backup, or raise wal.retain",
                null);
        this.lsn = lsn;
        this.oldestLsn = oldestLsn;
    }

    public long lsn() {
        return lsn;
    }

    public long oldestLsn() {
        return oldestLsn;
    }
}
