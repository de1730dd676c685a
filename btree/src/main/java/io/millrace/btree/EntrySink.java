package io.millrace.btree;

/** Takes the entries of a scan, in order. */
@FunctionalInterface
public interface EntrySink {
    /** One entry; the memory is valid during the call. No latch is held. Must not use the scan's workspace. */
    void entry(long keyAddress, int keyLength, long valueAddress, int valueLength);
}
