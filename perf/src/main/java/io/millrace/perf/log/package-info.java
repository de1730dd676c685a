/**
 * {@code millrace log}: the log of a store, running, closed or damaged, for people and programs. Start at {@link
 * io.millrace.perf.log.LogCommand}; reading and the search for the end are in {@code io.millrace.wal}.
 */
package io.millrace.perf.log;
