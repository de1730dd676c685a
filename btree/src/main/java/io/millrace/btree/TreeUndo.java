package io.millrace.btree;

import io.millrace.buffer.BufferPool;
import io.millrace.txn.Engine;
import io.millrace.txn.MiniTransaction;
import io.millrace.txn.Step;
import io.millrace.txn.Transaction;
import io.millrace.txn.UndoHandler;
import io.millrace.txn.VersionStore;
import io.millrace.txn.Workspace;

/**
 * Undoes leaf changes by key: the entry may have moved to another page since, and may need a split to fit again. The key is locked by the
 * transaction's own stamp, so the entry is there as the transaction left it.
 */
public final class TreeUndo implements UndoHandler {
    private final Engine engine;
    private final BufferPool pool;
    private final BTree trees;
    private final Catalogue catalogue;

    /** Undo for the trees that {@code catalogue} knows; it must have been loaded. */
    public TreeUndo(BTree trees, Catalogue catalogue) {
        this.trees = trees;
        this.catalogue = catalogue;
        engine = trees.engine();
        pool = engine.pool();
    }

    @Override
    public Step undoLogged(
            Workspace workspace, Transaction owner, int operation, long body, int length, long undoNext) {
        if (operation != TreeOperation.LEAF_PUT.code()) {
            throw new IllegalStateException("operation " + operation + " can't be undone");
        }
        LeafChange change = TreeScratch.of(workspace).change;
        change.read(body);
        workspace.keyAddress = change.key;
        workspace.keyLength = change.keyLength;
        workspace.valueAddress = change.oldValue;
        workspace.valueLength = change.oldValueLength;
        workspace.valueIsLong = false;
        return undo(workspace, owner, change.treeId, change.oldFlags, change.oldStamp, undoNext);
    }

    @Override
    public Step undo(Workspace workspace, Transaction owner, long treeId, int oldFlags, long oldStamp, long undoNext) {
        TreeRef tree = catalogue.byId(treeId);
        TreeScratch scratch = TreeScratch.of(workspace);
        Step step = scratch.descent.to(pool, workspace, tree, Descent.Target.KEY);
        if (step != Step.DONE) {
            return step;
        }
        scratch.look(pool, workspace);
        fill(workspace, scratch.change, treeId, oldFlags, oldStamp);
        scratch.links.change(scratch.longHead, restoredHead(scratch.change));
        scratch.change.slot = scratch.slot();
        boolean removes = scratch.change.operation == TreeOperation.LEAF_REMOVE;
        scratch.newValueLength = removes ? 0 : workspace.valueLength;
        boolean fits = removes || scratch.fits(pool.pageSize(), workspace.keyLength);
        if (!scratch.descent.leafValid(pool)) {
            return Step.CONTENDED;
        }
        if (!scratch.exists || scratch.stamp != owner.id()) {
            throw new IllegalStateException("tree " + treeId + ": the entry written by transaction "
                    + Long.toHexString(owner.id()) + " is not there to be undone");
        }
        return fits
                ? compensate(workspace, scratch, owner, undoNext)
                : trees.restructuring().makeRoom(workspace, tree, scratch, true);
    }

    private static void fill(Workspace workspace, LeafChange change, long treeId, int oldFlags, long oldStamp) {
        change.treeId = treeId;
        change.key = workspace.keyAddress;
        change.keyLength = workspace.keyLength;
        change.value = workspace.valueAddress;
        change.valueLength = workspace.valueLength;
        change.lock = false;
        change.oldFlags = oldFlags;
        change.oldStamp = oldStamp;
        change.ghost = (oldFlags & VersionStore.FLAG_GHOST) != 0;
        change.isLong = (oldFlags & VersionStore.FLAG_LONG) != 0;
        change.operation = change.oldAbsent() ? TreeOperation.LEAF_REMOVE : TreeOperation.LEAF_RESTORE;
    }

    private static long restoredHead(LeafChange change) {
        return change.isLong ? LongValueLayout.head(change.value) : 0;
    }

    private Step compensate(Workspace workspace, TreeScratch scratch, Transaction owner, long undoNext) {
        MiniTransaction mini = workspace.miniTransaction;
        mini.beginCompensation(owner, undoNext);
        mini.takesStubBack(scratch.change.treeId, scratch.change.key, scratch.change.keyLength, workspace.undoneLsn);
        trees.writer().plan(mini, scratch);
        Step step = scratch.links.plan(engine.pages(), workspace);
        if (step != Step.DONE) {
            mini.abandon();
            return step;
        }
        step = mini.admit(workspace);
        if (step == Step.DONE) {
            step = mini.latch();
        }
        if (step == Step.DONE) {
            workspace.writtenLsn = mini.commit(null);
            trees.hints().add(scratch.descent.page(scratch.descent.leaf()));
            // Nobody but the transaction has ever seen it.
            catalogue.reclaimer().unlinked(scratch.links.unlinked());
        }
        return step;
    }
}
