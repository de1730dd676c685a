package io.millrace.txn;

/**
 * What a reader may see: everything committed at or below {@link #lsn}, and its own transaction's writes. One thread at a time.
 *
 * <p>A view is registered when a {@link SnapshotRegistry} slot keeps the versions it needs; a single read outside a transaction uses an
 * unregistered one at the durable LSN and takes a newer one if versions it needed went meanwhile.
 */
public final class ReadView {
    /** Sees every committed version, durable or not: what a write outside a transaction builds on. */
    public static final long NEWEST_COMMITTED = Long.MAX_VALUE;

    private final TransactionTable transactions;
    private long lsn;
    private long own;
    private boolean registered;

    /** A view without position; {@link #at} gives it one. */
    public ReadView(TransactionTable transactions) {
        this.transactions = transactions;
    }

    /**
     * Moves this view.
     *
     * @param snapshotLsn newest LSN to see
     * @param ownTransaction id of the transaction whose own writes are seen, 0 for none
     * @param isRegistered whether the versions of this snapshot are kept
     */
    public ReadView at(long snapshotLsn, long ownTransaction, boolean isRegistered) {
        lsn = snapshotLsn;
        own = ownTransaction;
        registered = isRegistered;
        return this;
    }

    /** Newest LSN this view sees. */
    public long lsn() {
        return lsn;
    }

    /** Id of the own transaction, 0 if there is none. */
    public long own() {
        return own;
    }

    /** Whether a registry slot keeps this view's versions. */
    public boolean registered() {
        return registered;
    }

    /** Whether a version with this stamp is visible. */
    public boolean sees(long stamp) {
        if (!Stamps.isTransaction(stamp)) {
            return stamp <= lsn;
        }
        if (stamp == own) {
            return true;
        }
        long state = transactions.resolve(stamp);
        return state >= 0 && state <= lsn;
    }
}
