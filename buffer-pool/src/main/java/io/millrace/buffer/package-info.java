/**
 * The buffer pool: off-heap frames, optimistic latches, the page table, eviction, loading and writing back. Start with
 * {@link io.millrace.buffer.BufferPool}, then {@link io.millrace.buffer.FrameLatch} and {@link io.millrace.buffer.PageLayout}.
 *
 * <p>Pages lie in {@link io.millrace.buffer.DataFile}, whole copies of those on their way home in
 * {@link io.millrace.buffer.DoubleWriteArea}. The pool knows nothing of the log but a barrier that answers up to which log position it is durable
 * (L1). Knows {@code common}, {@code error} and {@code storage}.
 */
package io.millrace.buffer;
