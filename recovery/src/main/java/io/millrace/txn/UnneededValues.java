package io.millrace.txn;

/** Takes the long values of versions that have gone. Implemented by the owner of the trees. */
@FunctionalInterface
public interface UnneededValues {
    /**
     * No version refers to this long value any more. Called by the purger's thread, must hand over.
     *
     * @param reference address of the value's reference, valid during the call
     * @param endLsn snapshots from this LSN on do not see the value
     */
    void unneeded(long reference, long endLsn);
}
