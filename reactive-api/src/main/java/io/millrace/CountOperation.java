package io.millrace;

import io.millrace.btree.ScanCursor;
import io.millrace.btree.TreeRef;
import io.millrace.txn.Step;
import io.millrace.txn.Workspace;
import reactor.core.CoreSubscriber;

/** Counts the entries of a range, leaf by leaf, without taking them out. Runs in a snapshot or transaction. */
final class CountOperation<K> extends SingleOperation<Long> {
    private static final int LEAVES_PER_PART = 16;

    private final MapAccess<K, ?> map;
    private final Range<K> range;
    private ScanCursor cursor;
    private boolean isOver;

    CountOperation(
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
            cursor = RangeCursor.of(map, range, workspace);
            scope.scans(map, cursor);
        }
        if (tree == null) {
            cursor.exhaust();
        }
        Step outcome = Step.DONE;
        for (int leaf = 0; leaf < LEAVES_PER_PART && outcome == Step.DONE && !isAtEnd(); leaf++) {
            int wanted = MapAccess.clamp(range.limit() - cursor.entries());
            outcome = store.trees().scan(workspace, tree, cursor, scope.view(workspace), null, wanted);
        }
        isOver = isAtEnd();
        result(cursor.entries());
        return outcome;
    }

    private boolean isAtEnd() {
        return cursor.exhausted() || cursor.entries() >= range.limit();
    }

    @Override
    boolean goesOn() {
        return !isOver;
    }

    @Override
    String mapName() {
        return map.name();
    }
}
