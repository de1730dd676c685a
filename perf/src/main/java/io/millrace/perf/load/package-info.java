/**
 * Ways to put load on a store: a fixed number of operations in flight from one thread, and counts of what came back.
 *
 * <p>Start reading at {@code InFlight}.
 */
package io.millrace.perf.load;
