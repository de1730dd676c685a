package io.millrace.perf.compare;

/** An entry. */
@SuppressWarnings("ArrayRecordComponent") // nobody compares entries
public record KeyValue(byte[] key, byte[] value) {}
