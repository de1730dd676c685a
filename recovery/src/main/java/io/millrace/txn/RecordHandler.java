package io.millrace.txn;

/**
 * Knows how to apply one kind of page change. The same code runs when a change is made and when history is repeated at restart: to do is
 * to redo (L5). Declared here, implemented by those who own page formats.
 *
 * <p>An implementation reads nothing but the page and the body, depends on no other state, and can not fail for a body it has once
 * encoded: whether the change fits was checked before the record was claimed (L6).
 */
public interface RecordHandler {
    /** First and last operation code this handler owns. */
    int firstOperation();

    /** Last operation code this handler owns, inclusive. */
    int lastOperation();

    /**
     * Applies one change to one page; the caller sets the page LSN afterwards.
     *
     * @param operation which change
     * @param page address of the page, exclusively latched
     * @param pageSize size of the page in bytes
     * @param stamp what new entries carry: the transaction id, or the LSN of a record that is operation and commit in one
     * @param body address of the encoded change
     * @param length length of the encoded change in bytes
     */
    void redo(int operation, long page, int pageSize, long stamp, long body, int length);

    /**
     * Reads what {@link #redo} will read of the page, so that it is in the core's cache by then. Redo asks this for many changes before it
     * applies the first: reads that do not wait for each other wait for memory at the same time.
     *
     * @param page address of the page, which may be changed or even become another meanwhile: nothing it holds is trusted (L8)
     * @param deep false in the first round, for what is found at once; true in the second, for what the first has led to
     * @return anything; makes sure that the reads are not optimised away
     */
    default long touch(int operation, long page, int pageSize, long body, boolean deep) {
        return 0;
    }

    /** The version that an undoable change overwrote, from the change that the record's cursor stands at. */
    default LoggedVersion overwritten(LoggedRecord record) {
        throw new IllegalStateException("operation " + record.changeOperation() + " can't be undone");
    }
}
