package io.millrace;

import io.millrace.txn.Step;
import io.millrace.txn.Workspace;
import java.util.List;
import reactor.core.CoreSubscriber;

/** The names of the maps there are, told once all changes of them are durable. */
final class MapsOperation extends SingleOperation<List<String>> {
    MapsOperation(StoreEngine store, Scope scope, CoreSubscriber<? super List<String>> actual) {
        super(store, scope, actual);
    }

    @Override
    Step work(Workspace workspace) {
        result(store.catalogue().names());
        restsOn(store.catalogue().newestChangeLsn());
        return Step.DONE;
    }
}
