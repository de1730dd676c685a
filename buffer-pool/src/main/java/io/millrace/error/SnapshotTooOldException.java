package io.millrace.error;

/** A version that the snapshot needs has been dropped. Read again in a new snapshot. */
public final class SnapshotTooOldException extends MillraceException {

    private static final long serialVersionUID = 1L;

    private final long snapshotLsn;
    private final long minReadable;

    /** The snapshot, and the oldest one that can still be read in full. */
    public SnapshotTooOldException(long snapshotLsn, long minReadable) {
        super(
                "snapshot " + snapshotLsn + " is too old, the oldest readable one is " + minReadable
                        + ": read again in a new snapshot, or raise transaction.max-version-memory or transaction.max-snapshot-age");
        this.snapshotLsn = snapshotLsn;
        this.minReadable = minReadable;
    }

    public long snapshotLsn() {
        return snapshotLsn;
    }

    public long minReadable() {
        return minReadable;
    }

    @Override
    public boolean isTransient() {
        return true;
    }
}
