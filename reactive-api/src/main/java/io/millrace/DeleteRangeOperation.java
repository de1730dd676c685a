package io.millrace;

import io.millrace.btree.ScanCursor;
import io.millrace.btree.TreeRef;
import io.millrace.btree.WriteMode;
import io.millrace.txn.Step;
import io.millrace.txn.Workspace;
import java.util.ArrayDeque;
import reactor.core.CoreSubscriber;

/** Deletes the entries of a range inside a transaction: the keys of a leaf, then the next leaf. */
final class DeleteRangeOperation<K> extends SingleOperation<Long> {
    private final MapAccess<K, ?> map;
    private final Range<K> range;
    private final ArrayDeque<byte[]> keys = new ArrayDeque<>();
    private ScanCursor cursor;
    private TreeRef written;
    private long deleted;
    private boolean isOver;

    DeleteRangeOperation(
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
        scope.checkWritable();
        if (tree == null) {
            cursor.exhaust();
            isOver = true;
            result(0L);
            return Step.DONE;
        }
        Step outcome = keys.isEmpty() ? collect(workspace, tree) : Step.DONE;
        while (outcome == Step.DONE && !keys.isEmpty()) {
            outcome = deleteNext(workspace, tree);
        }
        isOver = isAtEnd();
        result(deleted);
        return outcome;
    }

    @Override
    boolean goesOn() {
        return !isOver;
    }

    private boolean isAtEnd() {
        return cursor.exhausted() || cursor.entries() >= range.limit();
    }

    private Step collect(Workspace workspace, TreeRef tree) {
        if (isAtEnd()) {
            return Step.DONE;
        }
        return store.trees()
                .scan(
                        workspace,
                        tree,
                        cursor,
                        scope.view(workspace),
                        (key, keyLength, value, valueLength) -> keys.add(MapAccess.copy(key, keyLength)),
                        MapAccess.clamp(range.limit() - cursor.entries()));
    }

    private Step deleteNext(Workspace workspace, TreeRef tree) {
        byte[] key = keys.peek();
        workspace.key(key, 0, key.length);
        transaction.checkTurn(mapName(), workspace);
        Step outcome = scope.treeToWrite(map, workspace, found -> written = found);
        if (outcome == Step.DONE && written != tree) {
            // Dropped or renamed since, without a conflict: what is newest counts here.
            keys.clear();
            return Step.DONE;
        }
        if (outcome == Step.DONE) {
            outcome = store.trees().write(workspace, tree, WriteMode.DELETE, transaction.inner(), null);
        }
        if (outcome == Step.DONE) {
            keys.poll();
            if (workspace.found) {
                deleted++;
            }
        }
        return outcome;
    }

    @Override
    boolean isWrite() {
        return true;
    }

    @Override
    String mapName() {
        return map.name();
    }
}
