package io.millrace.wal;

/** How a batch becomes durable. */
public enum SyncMode {
    /** Written, then forced (fdatasync). */
    FORCE
}
