/**
 * Benchmarks of the public API beside the bare disk.
 *
 * <p>Start reading at {@code CommitBench}, which measures durable commits in a closed loop; {@code BenchCommand} also runs the JMH benchmarks.
 */
package io.millrace.perf.bench;
