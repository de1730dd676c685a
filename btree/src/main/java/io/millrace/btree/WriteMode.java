package io.millrace.btree;

/** What a write does, and on what condition. */
public enum WriteMode {
    /** Writes the value. */
    PUT,
    /** Writes the value if there is no live entry. */
    PUT_IF_ABSENT,
    /** Writes the value if there is a live entry with the expected value. */
    REPLACE,
    /** Deletes the entry if there is a live one. */
    DELETE,
    /** Writes the value if the version there has the expected stamp; 0 expects that there is no live one, never mind since when. */
    CAS_STAMP,
    /** Deletes the live entry if it has the expected stamp. */
    CAS_STAMP_DELETE,
    /** Writes what is there, or a ghost, unless the transaction has written the key already: so that the key is locked. Transactions only. */
    LOCK;

    /** Whether a write in this mode makes the entry go. */
    public boolean deletes() {
        return this == DELETE || this == CAS_STAMP_DELETE;
    }
}
