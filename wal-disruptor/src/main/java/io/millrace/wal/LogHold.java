package io.millrace.wal;

/**
 * Keeps the log from an LSN on: for a backup, a replica, a reader of changes, the archive. Any thread. One that holds more bytes than it may loses
 * its hold: what it has not read then is a {@link io.millrace.error.LogPositionGoneException} when it reads on.
 */
public final class LogHold implements AutoCloseable {
    private final LogRetention retention;
    private final String name;
    private final long limitBytes;
    private final long sinceNanos;
    // Guarded by the retention's lock.
    private long lsn;
    private boolean lost;

    LogHold(LogRetention retention, String name, long lsn, long limitBytes, long sinceNanos) {
        this.retention = retention;
        this.name = name;
        this.lsn = lsn;
        this.limitBytes = limitBytes;
        this.sinceNanos = sinceNanos;
    }

    /** Nothing below {@code nextLsn} is needed any more. */
    public void advance(long nextLsn) {
        retention.advance(this, nextLsn);
    }

    /** What it holds begins here. */
    public long lsn() {
        return retention.lsn(this);
    }

    /** Whether it held too much and has lost its hold. */
    public boolean isLost() {
        return retention.isLost(this);
    }

    /** Lets go of everything. */
    @Override
    public void close() {
        retention.release(this);
    }

    String name() {
        return name;
    }

    long limitBytes() {
        return limitBytes;
    }

    long sinceNanos() {
        return sinceNanos;
    }

    long heldLsn() {
        return lsn;
    }

    void lsn(long next) {
        lsn = Math.max(lsn, next);
    }

    boolean lost() {
        return lost;
    }

    void lose() {
        lost = true;
    }
}
