package io.millrace.btree;

/** The page changes of this module, with their pinned codes in the log (16 to 63). The bodies are drawn in {@link TreeRecordHandler}. */
enum TreeOperation {
    /** Writes an entry or a ghost, new or over an old one; undoable with the old version in its body. */
    LEAF_PUT(16),
    /** Compensation: the entry as it was. */
    LEAF_RESTORE(17),
    /** Compensation: no entry, as it was. */
    LEAF_REMOVE(18),
    /** Removes ghosts that nobody can need. */
    LEAF_PURGE(19),
    /** The whole content of a page. */
    PAGE_FORMAT(20),
    /** Keeps the left part of a page that is split, with a new high fence. */
    SPLIT_LEFT(21),
    /** Adds a child and its separator. */
    INNER_INSERT(22),
    /** Takes the last children away, all of them perhaps: they have become free. */
    INNER_DETACH(23),
    /** Removes a child that is merged into its left neighbour, and its separator. */
    INNER_REMOVE(24),
    /** A page of a long value. */
    LONG_VALUE(25),
    /** Names the page to which a child has moved. */
    INNER_MOVED(26);

    static final int FIRST = 16;
    static final int LAST = 63;

    private static final TreeOperation[] BY_CODE = values();

    private final int code;

    TreeOperation(int code) {
        this.code = code;
    }

    int code() {
        return code;
    }

    static TreeOperation of(int code) {
        int index = code - FIRST;
        if (index < 0 || index >= BY_CODE.length) {
            throw new IllegalArgumentException("no tree operation has code " + code);
        }
        return BY_CODE[index];
    }
}
