package io.millrace;

import io.millrace.btree.TreeRef;
import io.millrace.txn.Step;
import io.millrace.txn.Workspace;
import reactor.core.CoreSubscriber;

/** Looks one key up: emits its value, or whether it is there. */
final class GetOperation<K, T> extends SingleOperation<T> {
    /** What is made of the answer. */
    interface Answer<T> {
        /** The result; null for none. */
        T of(Workspace workspace);
    }

    private final MapAccess<K, ?> map;
    private final K key;
    private final Answer<T> answer;
    private boolean encoded;

    GetOperation(
            StoreEngine store,
            Scope scope,
            MapAccess<K, ?> map,
            K key,
            Answer<T> answer,
            CoreSubscriber<? super T> actual) {
        super(store, scope, actual);
        this.map = map;
        this.key = key;
        this.answer = answer;
    }

    @Override
    Step work(Workspace workspace) {
        TreeRef tree = scope.tree(map, workspace);
        if (!encoded) {
            map.key(workspace, key);
            encoded = true;
        }
        Step outcome = Step.DONE;
        if (tree != null) {
            outcome = store.trees().get(workspace, tree, scope.view(workspace));
        }
        if (outcome == Step.DONE) {
            scope.hasRead(map, workspace);
            result(answer.of(workspace));
        }
        return outcome;
    }

    @Override
    String mapName() {
        return map.name();
    }
}
