package io.millrace.wal;

/** Takes records as they are read. */
@FunctionalInterface
public interface RecordConsumer {
    /** One record; {@code address} is valid during the call. */
    void record(long lsn, long address, int length);
}
