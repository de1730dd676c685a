/**
 * The buffer pool: off-heap frames, optimistic latches, the striped page table, eviction and page I/O.
 *
 * <p>A page is reached only through a guard made by the pool. The pool knows nothing of the log but a barrier that answers up to which
 * log position it is durable. Knows {@code common}, {@code error} and {@code storage}.
 */
package io.millrace.buffer;
