package io.millrace;

import io.millrace.txn.ReadView;
import io.millrace.txn.Workspace;

/** What operations get that were asked for in a snapshot that is null or not of this store: they signal that. */
final class InvalidScope implements Scope {
    private final Snapshot given;

    InvalidScope(Snapshot given) {
        this.given = given;
    }

    @Override
    public StoreTransaction transaction() {
        return null;
    }

    @Override
    public ReadView view(Workspace workspace) {
        throw new IllegalStateException("no view");
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
        if (given == null) {
            throw new NullPointerException("the snapshot is null");
        }
        throw new IllegalArgumentException("the snapshot is not of this store: " + given);
    }

    @Override
    public void checkAfterwards() {}

    @Override
    public void checkWritable() {}
}
