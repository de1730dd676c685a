package io.millrace.btree;

/** Takes the entries of a scan, in order. */
@FunctionalInterface
public interface EntrySink {
    /** One entry; the memory is valid during the call. No latch is held. Must not use the scan's workspace. */
    void entry(long keyAddress, int keyLength, long valueAddress, int valueLength);

    /**
     * One entry with a long value: instead of it, its reference. Whoever does not want the value may leave this as it is.
     *
     * @return whether to go on with the next entry; if not, the scan stops behind this one
     */
    default boolean longEntry(long keyAddress, int keyLength, long reference) {
        entry(keyAddress, keyLength, reference, LongValueLayout.REFERENCE_BYTES);
        return true;
    }
}
