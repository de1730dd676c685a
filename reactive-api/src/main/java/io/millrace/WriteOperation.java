package io.millrace;

import io.millrace.btree.TreeRef;
import io.millrace.btree.WriteMode;
import io.millrace.txn.Step;
import io.millrace.txn.Workspace;
import reactor.core.CoreSubscriber;

/** Writes one key if a condition holds. Outside a transaction it is one record that is operation and commit in one (D5). */
final class WriteOperation<K, V, T> extends SingleOperation<T> {
    /** What is made of the outcome. */
    interface Answer<T> {
        /**
         * The result, null for none.
         *
         * @param found whether the key was there before
         * @param written whether the condition held
         */
        T of(boolean found, boolean written);
    }

    private final MapAccess<K, V> map;
    private final WriteMode mode;
    private final K key;
    private final ValueWriting<V> writing;
    private final Answer<T> answer;
    private boolean encoded;

    WriteOperation(
            StoreEngine store, Scope scope, Request<K, V> request, Answer<T> answer, CoreSubscriber<? super T> actual) {
        super(store, scope, actual);
        map = request.map;
        mode = request.mode;
        key = request.key;
        writing = new ValueWriting<>(store, map, mode, request.value, request.expected);
        this.answer = answer;
    }

    /**
     * What to write.
     *
     * @param expected for REPLACE only
     * @param value not for DELETE
     */
    record Request<K, V>(MapAccess<K, V> map, WriteMode mode, K key, V expected, V value) {}

    @Override
    Step work(Workspace workspace) {
        map.tree();
        if (!encoded) {
            map.key(workspace, key);
            encoded = true;
        }
        Step ready = writing.operands(workspace);
        if (ready == Step.DONE && writing.compares()) {
            ready = writing.compare(workspace, scope);
        }
        if (ready != Step.DONE) {
            return ready;
        }
        scope.checkWritable();
        boolean needsEntry = mode == WriteMode.DELETE || mode == WriteMode.REPLACE;
        Step found = treeToWrite(map, workspace, !needsEntry);
        if (found != Step.DONE) {
            return found;
        }
        TreeRef tree = treeToWrite();
        if (tree == null) {
            if (!needsEntry) {
                // Dropped this moment.
                return Step.CONTENDED;
            }
            scope.hasRead(map, workspace);
            result(answer.of(false, false));
            restsOn(transaction == null ? store.catalogue().newestChangeLsn() : 0);
            return Step.DONE;
        }
        if (transaction != null) {
            transaction.checkTurn(mapName(), workspace);
        }
        Step outcome = store.trees()
                .write(
                        workspace,
                        tree,
                        mode,
                        transaction == null ? null : transaction.inner(),
                        transaction == null ? this : null);
        if (outcome == Step.DONE) {
            tell(workspace);
        }
        return writing.goOn(workspace, scope, outcome);
    }

    private void tell(Workspace workspace) {
        result(answer.of(workspace.found, workspace.writtenLsn != 0));
        wrote(workspace.writtenLsn);
        if (workspace.writtenLsn != 0) {
            writing.linked();
        } else {
            scope.hasRead(map, workspace);
            if (transaction == null) {
                // Of a tree just loaded the entries are older than what makes them last.
                restsOn(Math.max(workspace.awaitLsn, treeToWrite().sinceLsn()));
            }
        }
    }

    @Override
    void ended(Throwable failure) {
        writing.end();
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
