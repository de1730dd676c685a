/**
 * Checkpoints, restart (analysis, redo, undo) and what they share.
 *
 * <p>Repeats history, then undoes the losers. What a change means to a page is asked from a record handler that the layer above brings.
 * Knows the buffer pool, the log and {@code io.millrace.txn}.
 */
package io.millrace.recovery;
