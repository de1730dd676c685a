/**
 * What a measurement spends its time on: a flight recording of this JVM, read back.
 *
 * <p>Start reading at {@code Profile}.
 */
package io.millrace.perf.profile;
