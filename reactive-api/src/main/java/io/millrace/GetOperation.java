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

        /** Whether {@link #ofLong} wants the bytes of a long value. */
        default boolean readsLong() {
            return false;
        }

        /** The result from a long value. */
        default T ofLong(byte[] value) {
            throw new IllegalStateException();
        }
    }

    private final MapAccess<K, ?> map;
    private final K key;
    private final Answer<T> answer;
    private boolean encoded;
    /** Of a long value; null until one is found. */
    private ValueReading reading;

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
        if (reading != null && reading.isUnderWay()) {
            return read(workspace);
        }
        TreeRef tree = scope.tree(map, workspace);
        if (!encoded) {
            map.key(workspace, key);
            encoded = true;
        }
        Step outcome = Step.DONE;
        if (tree != null) {
            outcome = store.trees().get(workspace, tree, scope.view(workspace));
        }
        if (outcome != Step.DONE) {
            return outcome;
        }
        if (tree != null && workspace.found && workspace.resultIsLong && answer.readsLong()) {
            if (reading == null) {
                reading = new ValueReading(store, false);
            }
            if (!reading.begin(workspace, scope)) {
                return Step.CONTENDED;
            }
            scope.hasRead(map, workspace);
            return read(workspace);
        }
        scope.hasRead(map, workspace);
        result(answer.of(workspace));
        return Step.DONE;
    }

    private Step read(Workspace workspace) {
        Step outcome = reading.read(workspace, scope);
        if (outcome == Step.DONE) {
            result(answer.ofLong(reading.take()));
        }
        return outcome;
    }

    @Override
    void ended(Throwable failure) {
        if (reading != null) {
            reading.end();
        }
    }

    @Override
    String mapName() {
        return map.name();
    }
}
