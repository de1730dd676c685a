package io.millrace;

import io.millrace.txn.ReadView;
import io.millrace.txn.Workspace;
import io.millrace.wal.Wal;

/** Outside of every snapshot and transaction: each step sees what is visible at its moment. */
final class OutsideScope implements Scope {
    private final Wal wal;

    OutsideScope(Wal wal) {
        this.wal = wal;
    }

    @Override
    public StoreTransaction transaction() {
        return null;
    }

    @Override
    public ReadView view(Workspace workspace) {
        return workspace.view.at(wal.visibleLsn(), 0, false);
    }

    @Override
    public boolean isRegistered() {
        return false;
    }

    @Override
    public Scope over(StoreSnapshot taken) {
        return taken;
    }

    @Override
    public void check() {}

    @Override
    public void checkAfterwards() {}

    @Override
    public void checkWritable() {}
}
