package io.millrace;

import io.millrace.btree.BTree;
import io.millrace.btree.LongValueReader;
import io.millrace.error.CorruptPageException;
import io.millrace.txn.SnapshotRegistry;
import io.millrace.txn.Step;
import io.millrace.txn.ValueMemory;
import io.millrace.txn.VersionStore;
import io.millrace.txn.Workspace;

/**
 * Reading of a long value by one operation: memory for it, which is accounted for; how far it has come; and, where the operation has no
 * snapshot of its own, one that keeps the value's pages. Used by the operation's steps, and by its end.
 */
final class ValueReading {
    private static final int NONE = -1;
    private static final int MAX_LOSSES = 3;

    private final StoreEngine store;
    private final boolean accounted;
    private int guard = NONE;
    private ValueMemory.Share share;
    private LongValueReader reader;
    private byte[] reference;
    private int losses;

    /**
     * A reading.
     *
     * @param accounted whether the operation has accounted for the value's memory by itself
     */
    ValueReading(StoreEngine store, boolean accounted) {
        this.store = store;
        this.accounted = accounted;
    }

    /** Whether a value has been found and not been read yet. */
    boolean isUnderWay() {
        return reference != null;
    }

    /**
     * A look-up has left the reference of a long value in the workspace. False if the look-up has to be done again, because only now there is
     * a snapshot that keeps the value's pages.
     */
    boolean begin(Workspace workspace, Scope scope) {
        if (!scope.isRegistered() && guard == NONE) {
            guard = snapshots().register();
            return false;
        }
        begin(workspace.resultAddress);
        return true;
    }

    /** The value with the reference at this address is to be read; a snapshot, or a lock, keeps its pages. */
    void begin(long referenceAddress) {
        reference = MapAccess.copy(referenceAddress, BTree.LONG_REFERENCE_BYTES);
        if (!accounted) {
            share = store.values().share(BTree.longValueLength(referenceAddress));
        }
    }

    /** Of the value under way; not to be changed. */
    byte[] reference() {
        return reference;
    }

    private SnapshotRegistry snapshots() {
        return store.context().engine().snapshots();
    }

    /**
     * Goes on.
     *
     * @return DONE: the value is {@link #take there}; or what to wait for; CONTENDED, and no longer under way, if the look-up has to be done again;
     *     SNAPSHOT_TOO_OLD
     */
    Step read(Workspace workspace, Scope scope) {
        if (share != null && !share.take()) {
            workspace.neededMemory = share;
            return Step.NO_VALUE_MEMORY;
        }
        if (reader == null) {
            workspace.result(reference);
            reader = store.trees().longValueReader(workspace.resultAddress);
        }
        Step step = reader.read(workspace);
        return reader.isLost() ? lost(workspace, scope) : step;
    }

    /** A page has become another one: the snapshot gave way, or has ended, as its scope will tell; or the store is damaged. */
    private Step lost(Workspace workspace, Scope scope) {
        VersionStore versions = store.context().engine().versions();
        if (guard == NONE && !versions.readable(scope.view(workspace))) {
            return Step.SNAPSHOT_TOO_OLD;
        }
        boolean gaveWay = guard != NONE && snapshots().lsn(guard) < versions.minReadable();
        if (!gaveWay && ++losses > MAX_LOSSES) {
            throw new CorruptPageException(store.path(), reader.page(), 0, reader.place());
        }
        end();
        return Step.CONTENDED;
    }

    /** The value that has been read. The memory is given back: whoever takes it makes of it what the user gets. */
    byte[] take() {
        byte[] bytes = reader.bytes();
        end();
        return bytes;
    }

    /** Gives everything back. Idempotent. */
    void end() {
        if (share != null) {
            share.giveBack();
            share = null;
        }
        reader = null;
        reference = null;
        if (guard != NONE) {
            snapshots().release(guard);
            guard = NONE;
        }
    }
}
