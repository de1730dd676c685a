package io.millrace.btree;

import io.millrace.txn.Stamps;
import io.millrace.txn.TransactionTable;

/** What the stamp of an entry means now. */
final class Stamping {
    private Stamping() {}

    /** The commit LSN, {@link TransactionTable#ACTIVE}, {@link TransactionTable#ABORTED} or {@link TransactionTable#FORGOTTEN}. */
    static long state(TransactionTable transactions, long stamp) {
        return Stamps.isTransaction(stamp) ? transactions.resolve(stamp) : stamp;
    }

    /** The LSN that must be durable for an answer resting on this stamp to be final; 0 if there is none. */
    static long restsOn(TransactionTable transactions, long stamp) {
        return Math.max(0, state(transactions, stamp));
    }
}
