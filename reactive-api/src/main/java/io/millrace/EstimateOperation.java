package io.millrace;

import io.millrace.btree.ScanCursor;
import io.millrace.btree.TreeRef;
import io.millrace.txn.Step;
import io.millrace.txn.Workspace;
import reactor.core.CoreSubscriber;

/** Estimates how many entries a range has. */
final class EstimateOperation<K> extends SingleOperation<Long> {
    private final MapAccess<K, ?> map;
    private final Range<K> range;
    private ScanCursor cursor;

    EstimateOperation(
            StoreEngine store, Scope scope, MapAccess<K, ?> map, Range<K> range, CoreSubscriber<? super Long> actual) {
        super(store, scope, actual);
        this.map = map;
        this.range = range;
    }

    @Override
    Step work(Workspace workspace) {
        TreeRef tree = scope.tree(map, workspace);
        if (cursor == null) {
            RangeCursor.check(range);
            cursor = RangeCursor.forward(map, range, workspace);
        }
        if (tree == null) {
            result(0L);
            return Step.DONE;
        }
        Step outcome = store.trees().estimate(workspace, tree, cursor);
        result(Math.min(range.limit(), workspace.resultCount));
        return outcome;
    }

    @Override
    String mapName() {
        return map.name();
    }
}
