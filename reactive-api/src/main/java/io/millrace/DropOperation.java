package io.millrace;

import io.millrace.btree.Catalogue;
import io.millrace.txn.Step;
import io.millrace.txn.Workspace;
import reactor.core.CoreSubscriber;

/** Takes the name of a map away; its pages are freed by others, later. */
final class DropOperation extends SingleOperation<Boolean> {
    private final String name;

    DropOperation(StoreEngine store, Scope scope, String name, CoreSubscriber<? super Boolean> actual) {
        super(store, scope, actual);
        this.name = name;
    }

    @Override
    Step work(Workspace workspace) {
        Catalogue.encode(MapAccess.notNull(name, "the name of the map"), store.pageSize());
        Step outcome = store.catalogue().drop(workspace, name, this);
        if (outcome == Step.DONE) {
            result(workspace.found);
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
        return name;
    }
}
