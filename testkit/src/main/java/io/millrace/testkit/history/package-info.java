/**
 * Histories of list-append transactions, and the checker that says which isolation anomalies they contain. Knows nothing of the engine. Start with
 * {@link io.millrace.testkit.history.HistoryChecker}.
 */
package io.millrace.testkit.history;
