package io.millrace.wal;

/** Kinds of log records, with their codes on disk. */
public enum RecordKind {
    /** Page changes that belong together; with or without a transaction. */
    MINI_TRANSACTION(1),
    /** A transaction is committed. */
    COMMIT(2),
    /** Undoes one change of a transaction (CLR). */
    COMPENSATION(3),
    /** Every change of a transaction has been undone. */
    ROLLBACK_END(4),
    /** A slot that was claimed and not used. */
    VOID(5);

    private static final RecordKind[] KINDS = values();

    private final int code;

    RecordKind(int code) {
        this.code = code;
    }

    /** Code on disk. */
    public int code() {
        return code;
    }

    /** The kind with this code, or null. */
    public static RecordKind of(int code) {
        return code >= 1 && code <= KINDS.length ? KINDS[code - 1] : null;
    }
}
