/**
 * Command-line programs about Millrace: the crash demo, benchmarks and their reports.
 *
 * <p>Knows every module; no module knows it. Start reading at {@code Main}.
 */
package io.millrace.perf;
