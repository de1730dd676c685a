package io.millrace;

import io.millrace.btree.Catalogue;
import io.millrace.txn.Step;
import io.millrace.txn.Workspace;
import reactor.core.CoreSubscriber;

/** Gives a map another name. */
final class RenameOperation extends SingleOperation<Void> {
    private final String from;
    private final String to;

    RenameOperation(StoreEngine store, Scope scope, String from, String to, CoreSubscriber<? super Void> actual) {
        super(store, scope, actual);
        this.from = from;
        this.to = to;
    }

    @Override
    Step work(Workspace workspace) {
        Catalogue.encode(MapAccess.notNull(from, "the name of the map"), store.pageSize());
        Catalogue.encode(MapAccess.notNull(to, "the new name of the map"), store.pageSize());
        Step outcome = store.catalogue().rename(workspace, from, to, this);
        if (outcome == Step.DONE) {
            if (!workspace.found) {
                throw new IllegalStateException(
                        store.catalogue().find(from) == null
                                ? "there is no map '" + from + "' to be renamed"
                                : "there is a map '" + to + "' already, so '" + from + "' can't get its name");
            }
            wrote(workspace.writtenLsn);
            restsOn(workspace.awaitLsn);
        }
        return outcome;
    }

    @Override
    boolean isWrite() {
        return true;
    }

    @Override
    String mapName() {
        return from;
    }
}
