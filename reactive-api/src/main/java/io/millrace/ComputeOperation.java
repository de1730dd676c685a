package io.millrace;

import io.millrace.btree.TreeRef;
import io.millrace.btree.WriteMode;
import io.millrace.txn.ReadView;
import io.millrace.txn.Step;
import io.millrace.txn.Workspace;
import java.util.function.BiFunction;
import reactor.core.CoreSubscriber;

/**
 * Changes a value by a function, in parts: look the value up; call the function, with nothing held; write its answer if the entry still has the
 * stamp that was seen, else begin anew. Inside a transaction nobody comes between: the transaction's own operations queue up, and other
 * writers are conflicts.
 */
final class ComputeOperation<K, V> extends SingleOperation<V> {
    private enum Part {
        LOOK,
        WRITE,
        /** Nothing is left to do. */
        END
    }

    private final MapAccess<K, V> map;
    private final K key;
    private final BiFunction<? super K, ? super V, ? extends V> function;
    private final ValueReading reading;
    private ValueWriting<V> writing;
    private Part part = Part.LOOK;
    private boolean encoded;
    private V present;
    private V next;
    private long stamp;
    private long lookedAt;

    ComputeOperation(
            StoreEngine store,
            Scope scope,
            MapAccess<K, V> map,
            K key,
            BiFunction<? super K, ? super V, ? extends V> function,
            CoreSubscriber<? super V> actual) {
        super(store, scope, actual);
        this.map = map;
        this.key = key;
        this.function = function;
        reading = new ValueReading(store, false);
    }

    @Override
    Step work(Workspace workspace) {
        MapAccess.notNull(function, "the function");
        map.tree();
        if (!encoded) {
            map.key(workspace, key);
            encoded = true;
        }
        scope.checkWritable();
        return part == Part.LOOK ? look(workspace) : write(workspace);
    }

    private Step look(Workspace workspace) {
        if (reading.isUnderWay()) {
            return read(workspace);
        }
        TreeRef tree = transaction == null ? map.tree() : scope.tree(map, workspace);
        Step outcome = Step.DONE;
        workspace.found = false;
        workspace.resultStamp = 0;
        workspace.awaitLsn = transaction == null ? store.catalogue().newestChangeLsn() : 0;
        if (tree != null) {
            ReadView view = transaction == null
                    ? workspace.view.at(ReadView.NEWEST_COMMITTED, 0, false)
                    : scope.view(workspace);
            outcome = store.trees().get(workspace, tree, view);
        }
        if (outcome != Step.DONE) {
            return outcome;
        }
        boolean isLong = tree != null && workspace.found && workspace.resultIsLong;
        if (isLong && !reading.begin(workspace, scope)) {
            return Step.CONTENDED;
        }
        scope.hasRead(map, workspace);
        stamp = workspace.resultStamp;
        // Of a tree just loaded the entries are older than what makes them last.
        lookedAt = tree == null ? workspace.awaitLsn : Math.max(workspace.awaitLsn, tree.sinceLsn());
        if (isLong) {
            return read(workspace);
        }
        present = workspace.found ? map.result(workspace) : null;
        return Step.DONE;
    }

    private Step read(Workspace workspace) {
        Step outcome = reading.read(workspace, scope);
        if (outcome == Step.DONE) {
            present = map.decodeLong(reading.take());
        }
        return outcome;
    }

    private Step write(Workspace workspace) {
        Step ready = writing.operands(workspace);
        if (ready != Step.DONE) {
            return ready;
        }
        Step found = treeToWrite(map, workspace, true);
        if (found != Step.DONE) {
            return found;
        }
        TreeRef tree = treeToWrite();
        if (tree == null) {
            return Step.CONTENDED;
        }
        if (transaction != null) {
            transaction.checkTurn(mapName(), workspace);
        }
        workspace.expectedStamp = stamp;
        Step outcome = store.trees()
                .write(
                        workspace,
                        tree,
                        mode(),
                        transaction == null ? null : transaction.inner(),
                        transaction == null ? this : null);
        if (outcome == Step.DONE && (workspace.writtenLsn != 0 || !compares())) {
            result(next);
            wrote(workspace.writtenLsn);
            if (workspace.writtenLsn != 0) {
                writing.linked();
            }
            part = Part.END;
        }
        return writing.goOn(workspace, scope, outcome);
    }

    /** Whether somebody may come between look and write. */
    private boolean compares() {
        return transaction == null || transaction.readsCommitted();
    }

    private WriteMode mode() {
        if (!compares()) {
            return next == null ? WriteMode.DELETE : WriteMode.PUT;
        }
        return next == null ? WriteMode.CAS_STAMP_DELETE : WriteMode.CAS_STAMP;
    }

    /** Called with nothing held, so that the function may do as it likes. */
    @Override
    boolean goesOn() {
        if (part == Part.END) {
            return false;
        }
        encoded = false;
        if (part == Part.WRITE) {
            // Somebody else was faster.
            writing.end();
            part = Part.LOOK;
            return true;
        }
        next = function.apply(key, present);
        if (next == null && present == null) {
            restsOn(transaction == null ? lookedAt : 0);
            part = Part.END;
            return false;
        }
        part = Part.WRITE;
        writing = new ValueWriting<>(store, map, mode(), next, null);
        return true;
    }

    @Override
    void ended(Throwable failure) {
        reading.end();
        if (writing != null) {
            writing.end();
        }
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
