/**
 * How long recovery takes: a store is filled and killed in one JVM and opened in another one, beside plain reads of the same log.
 *
 * <p>Start reading at {@code RecoveryCommand}.
 */
package io.millrace.perf.recovery;
