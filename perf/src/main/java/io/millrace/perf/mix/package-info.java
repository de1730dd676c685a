/**
 * A load generator for users: a mixture of reads, scans and writes that arrives at a fixed rate, whether or not the store keeps up.
 *
 * <p>Start reading at {@code OpenLoop}.
 */
package io.millrace.perf.mix;
