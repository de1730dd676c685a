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
}
