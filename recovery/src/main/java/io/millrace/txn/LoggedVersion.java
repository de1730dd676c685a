package io.millrace.txn;

/**
 * A record of a transaction as it was read back from the log: of an undoable change, the version that it overwrote; of a compensation, only what is
 * to be undone next.
 */
public final class LoggedVersion {
    private static final byte[] NONE = {};

    private final long lsn;
    private final long previousLsn;
    private final long transactionId;
    private final boolean undoable;
    private final long treeId;
    private final byte[] key;
    private final int flags;
    private final long stamp;
    private final byte[] value;

    /**
     * The version that {@code record} overwrote.
     *
     * @param flags {@link VersionStore#FLAG_ABSENT}, {@link VersionStore#FLAG_GHOST} or 0
     * @param stamp who wrote it
     */
    public LoggedVersion(LoggedRecord record, long treeId, byte[] key, int flags, long stamp, byte[] value) {
        lsn = record.lsn();
        previousLsn = record.previousLsn();
        transactionId = record.transactionId();
        undoable = record.undoable();
        this.treeId = treeId;
        this.key = key;
        this.flags = flags;
        this.stamp = stamp;
        this.value = value;
    }

    /** A compensation. */
    static LoggedVersion nothing(LoggedRecord record) {
        return new LoggedVersion(record, 0, NONE, 0, 0, NONE);
    }

    long lsn() {
        return lsn;
    }

    long previousLsn() {
        return previousLsn;
    }

    long transactionId() {
        return transactionId;
    }

    boolean undoable() {
        return undoable;
    }

    long treeId() {
        return treeId;
    }

    byte[] key() {
        return key;
    }

    int flags() {
        return flags;
    }

    long stamp() {
        return stamp;
    }

    byte[] value() {
        return value;
    }
}
