package io.millrace;

import io.millrace.btree.WriteMode;
import io.millrace.txn.Step;
import io.millrace.txn.Workspace;
import reactor.core.CoreSubscriber;

/** Looks one key up inside a transaction, and locks it until the transaction ends, whether it is there or not. */
final class GetForUpdateOperation<K, V> extends SingleOperation<V> {
    private final MapAccess<K, V> map;
    private final K key;
    private final ValueReading reading;
    private boolean encoded;

    GetForUpdateOperation(
            StoreEngine store, Scope scope, MapAccess<K, V> map, K key, CoreSubscriber<? super V> actual) {
        super(store, scope, actual);
        this.map = map;
        this.key = key;
        reading = new ValueReading(store, false);
    }

    @Override
    Step work(Workspace workspace) {
        if (reading.isUnderWay()) {
            return read(workspace);
        }
        if (!encoded) {
            map.key(workspace, key);
            encoded = true;
        }
        scope.checkWritable();
        if (transaction == null) {
            throw new IllegalStateException("getForUpdate locks a key for a transaction: call it in one");
        }
        Step outcome = treeToWrite(map, workspace, true);
        if (outcome != Step.DONE) {
            return outcome;
        }
        if (treeToWrite() == null) {
            return Step.CONTENDED;
        }
        transaction.checkTurn(mapName(), workspace);
        outcome = store.trees().write(workspace, treeToWrite(), WriteMode.LOCK, transaction.inner(), null);
        if (outcome == Step.DONE && workspace.found && workspace.resultIsLong) {
            // Whoever has the key locked keeps its value.
            reading.begin(workspace.resultAddress);
            return read(workspace);
        }
        if (outcome == Step.DONE) {
            result(workspace.found ? map.result(workspace) : null);
        }
        return outcome;
    }

    private Step read(Workspace workspace) {
        Step outcome = reading.read(workspace, scope);
        if (outcome == Step.DONE) {
            result(map.decodeLong(reading.take()));
        }
        return outcome;
    }

    @Override
    void ended(Throwable failure) {
        reading.end();
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
