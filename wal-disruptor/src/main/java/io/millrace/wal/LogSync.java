package io.millrace.wal;

/**
 * When the log writes and forces.
 *
 * @param mode how a batch becomes durable
 * @param intervalNanos with {@link SyncMode#INTERVAL}, the longest time between a write and its force
 * @param maxDelayNanos how long a batch waits for more records before it is written; 0 writes whatever is there
 */
public record LogSync(SyncMode mode, long intervalNanos, long maxDelayNanos) {
    /** Without interval and delay. */
    public static LogSync of(SyncMode mode) {
        return new LogSync(mode, 0, 0);
    }
}
