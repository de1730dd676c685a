package io.millrace.wal;

/** Whose share of ring and log a record is admitted from (L13). */
public enum Share {
    /** User changes and structure changes. */
    NORMAL,
    /** Commit, rollback, restart: may take what the others must leave. */
    COMMIT
}
