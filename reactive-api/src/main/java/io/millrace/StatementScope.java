package io.millrace;

import io.millrace.btree.TreeRef;
import io.millrace.txn.ReadView;
import io.millrace.txn.Step;
import io.millrace.txn.Workspace;
import java.util.function.Consumer;

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
    public TreeRef tree(MapAccess<?, ?> map, Workspace workspace) {
        return transaction.tree(map, snapshot.lsn());
    }

    @Override
    public Step treeToWrite(MapAccess<?, ?> map, Workspace workspace, Consumer<TreeRef> found) {
        return transaction.treeToWrite(map, workspace, found);
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
