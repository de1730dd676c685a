package io.millrace;

import io.millrace.txn.ReadView;
import io.millrace.txn.Workspace;

/** One operation of a READ_COMMITTED transaction that takes several steps: it has a snapshot of its own, and sees the transaction's writes. */
final class StatementScope implements Scope {
    private final StoreTransaction transaction;
    private final StoreSnapshot snapshot;

    StatementScope(StoreTransaction transaction, StoreSnapshot snapshot) {
        this.transaction = transaction;
        this.snapshot = snapshot;
    }

    @Override
    public StoreTransaction transaction() {
        return transaction;
    }

    @Override
    public ReadView view(Workspace workspace) {
        return workspace.view.at(snapshot.lsn(), transaction.inner().id(), true);
    }

    @Override
    public boolean isRegistered() {
        return true;
    }

    @Override
    public Scope over(StoreSnapshot taken) {
        return this;
    }

    @Override
    public void check() {
        transaction.check();
        snapshot.check();
    }

    @Override
    public void checkAfterwards() {
        snapshot.checkAfterwards();
    }

    @Override
    public void checkWritable() {
        transaction.checkWritable();
    }
}
