package io.millrace.wal;

/** Takes records as they are read. */
@FunctionalInterface
public interface RecordConsumer {
    /** Reading begins; there are at most so many bytes to read. */
    default void begins(long bytes) {}

    /** One record; {@code address} is valid during the call. */
    void record(long lsn, long address, int length);
}
