package io.millrace.txn;

/**
 * How one attempt of a restartable operation ended. Everything but {@link #DONE} means: nothing is held any more (no latch, no credit),
 * wait for the named thing as a continuation, then run the operation again from its start. What exactly is waited for stands in the
 * {@link Workspace}.
 */
public enum Step {
    /** The operation has run to its end; its result stands in the workspace. */
    DONE,
    /** A latch was held or a page changed between look and upgrade: try again, soon. */
    CONTENDED,
    /** {@link Workspace#missedPage} is not in memory. */
    PAGE_MISS,
    /** The ring or the log has no room for {@link Workspace#neededBytes}. */
    LOG_FULL,
    /** No free frame for a page about to be formatted. */
    NO_FREE_FRAME,
    /** No free page in the data file; it is being grown. */
    NO_FREE_PAGE,
    /** The entry carries an uncommitted stamp of another transaction, {@link Workspace#lockedBy}. */
    LOCKED,
    /** The answer rests on {@link Workspace#awaitLsn}, which is not durable yet. */
    AWAIT_DURABLE,
    /** {@link Workspace#neededMemory} is not there yet. */
    NO_VALUE_MEMORY,
    /** The version store is over its budget until older versions go. */
    VERSIONS_FULL,
    /** The version that is wanted must be read back from the log: {@link Workspace#logRequest}. */
    VERSION_IN_LOG,
    /** A version committed after the snapshot stands there, see {@link Workspace#awaitLsn}: first committer wins. */
    CONFLICT,
    /** The snapshot is older than what the version store still keeps. */
    SNAPSHOT_TOO_OLD,
    /** The condition of the write holds, but the pages of its long value are not written yet. Nothing to wait for: the caller's next move. */
    WRITE_LONG,
    /** Whether the condition holds can be told only by who has compared the long value in {@link Workspace#resultAddress}; as above. */
    COMPARE_LONG
}
