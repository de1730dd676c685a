/**
 * The contenders of the comparison, Millrace among them: each behind {@code Contender}, set up as its own documentation advises for commits that
 * survive a power failure.
 *
 * <p>Their jars lie beside {@code benchmarks.jar} and are seen by the comparison's child JVMs only.
 */
package io.millrace.perf.peer;
