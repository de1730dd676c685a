package io.millrace;

import io.millrace.btree.ScanCursor;
import io.millrace.btree.TreeRef;
import io.millrace.txn.ReadView;
import io.millrace.txn.Step;
import io.millrace.txn.Workspace;
import java.util.function.Consumer;

/** Where an operation runs: outside of everything, in a snapshot, or in a transaction. */
interface Scope {
    /** The transaction, null if there is none. */
    StoreTransaction transaction();

    /** What a step that runs in {@code workspace} sees. */
    ReadView view(Workspace workspace);

    /** Whether a registered snapshot keeps the versions of the view. */
    boolean isRegistered();

    /** Where an operation of several steps runs whose view must be kept: over {@code taken}, a snapshot of its own, if this scope has none. */
    Scope over(StoreSnapshot taken);

    /** The tree that the map's name means to a step that reads and runs in {@code workspace}; null if there is none. */
    default TreeRef tree(MapAccess<?, ?> map, Workspace workspace) {
        return map.tree(view(workspace).lsn());
    }

    /**
     * Finds the tree to write to; null, with DONE, if there is none.
     *
     * @param found is told the tree
     * @return DONE, or what to wait for; CONFLICT if the name means another tree since the snapshot
     */
    default Step treeToWrite(MapAccess<?, ?> map, Workspace workspace, Consumer<TreeRef> found) {
        found.accept(map.tree());
        return Step.DONE;
    }

    /** A step has looked up the workspace's key. */
    default void hasRead(MapAccess<?, ?> map, Workspace workspace) {}

    /** A scan begins. */
    default void scans(MapAccess<?, ?> map, ScanCursor cursor) {}

    /** Throws if no operation may run here any more. Asked before each step. */
    void check();

    /** Throws if what the step has read can't be relied on, because the scope ended meanwhile. */
    void checkAfterwards();

    /** Throws if nothing may be written here. */
    void checkWritable();
}
