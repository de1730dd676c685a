package io.millrace.wal;

/**
 * Counts since the log was opened.
 *
 * @param forces forces done
 * @param logBytes bytes written, block headers included
 * @param logRecords records written
 * @param segments segment files
 */
public record WalStats(long forces, long logBytes, long logRecords, int segments) {}
