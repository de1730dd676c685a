/**
 * The write-ahead log: records, the ring, the group-commit writer, segments and log reading.
 *
 * <p>Claiming ring slots is claiming the log position; one thread writes and forces. Knows {@code common}, {@code error} and
 * {@code storage}, never pages or trees.
 */
package io.millrace.wal;
