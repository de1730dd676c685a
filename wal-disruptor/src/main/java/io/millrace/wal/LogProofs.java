package io.millrace.wal;

/**
 * What is known from outside the log to have been durable.
 *
 * @param durableLsn the log must reach this far
 * @param source who says so, for the message
 */
public record LogProofs(long durableLsn, String source) {}
