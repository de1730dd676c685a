/**
 * Mini-transactions, transactions, the version store and snapshots.
 *
 * <p>Everything that must change together is one mini-transaction, which is one log record. Knows the buffer pool and the log.
 */
package io.millrace.txn;
