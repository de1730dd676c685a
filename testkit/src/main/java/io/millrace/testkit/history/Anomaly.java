package io.millrace.testkit.history;

/** What may be wrong with a history; the names are Adya's (PhD thesis, MIT 1999) and Elle's, with the lowest level that forbids it. */
public enum Anomaly {
    /** A value that nobody appended. */
    GARBAGE_READ(Level.READ_COMMITTED),
    /** A read that does not end with what the transaction itself appended before. */
    INTERNAL(Level.READ_COMMITTED),
    /** Two reads of a key neither of which is the beginning of the other, or one with a value twice. */
    INCOMPATIBLE_ORDER(Level.READ_COMMITTED),
    /** A committed append that a later reader does not find. */
    LOST_APPEND(Level.READ_COMMITTED),
    /** A read that does not show what was acknowledged before its transaction began. */
    STALE_READ(Level.READ_COMMITTED),
    /** Dirty write: a circle of overwritings. */
    G0(Level.READ_COMMITTED),
    /** Aborted read. */
    G1A(Level.READ_COMMITTED),
    /** Intermediate read. */
    G1B(Level.READ_COMMITTED),
    /** Circular information flow: a circle of overwritings and reads of what was written. */
    G1C(Level.READ_COMMITTED),
    /** Two reads of a key in one transaction that differ by what others appended (fuzzy read). */
    UNREPEATABLE_READ(Level.SNAPSHOT),
    /** Two transactions appended to the same version. */
    LOST_UPDATE(Level.SNAPSHOT),
    /** Read skew: a circle with exactly one read that was overwritten. */
    G_SINGLE(Level.SNAPSHOT),
    /** A circle with several reads that were overwritten, no two of them in a row: no snapshots explain it. */
    G_NONADJACENT(Level.SNAPSHOT),
    /** Write skew: a circle in which two reads that were overwritten follow each other. */
    G2_ITEM(Level.SERIALIZABLE);

    private final Level forbiddenFrom;

    Anomaly(Level forbiddenFrom) {
        this.forbiddenFrom = forbiddenFrom;
    }

    /** Whether a history at {@code level} must not contain it. */
    public boolean isForbiddenAt(Level level) {
        return level.compareTo(forbiddenFrom) >= 0;
    }
}
