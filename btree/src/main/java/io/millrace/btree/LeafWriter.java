package io.millrace.btree;

import io.millrace.buffer.BufferPool;
import io.millrace.buffer.PageLayout;
import io.millrace.common.Memory;
import io.millrace.txn.Engine;
import io.millrace.txn.MiniTransaction;
import io.millrace.txn.ReadView;
import io.millrace.txn.RecordListener;
import io.millrace.txn.Stamps;
import io.millrace.txn.Step;
import io.millrace.txn.Transaction;
import io.millrace.txn.TransactionTable;
import io.millrace.txn.VersionStore;
import io.millrace.txn.VersionStore.Found;
import io.millrace.txn.Workspace;

/**
 * Writes one entry: looks, judges who may write and whether the condition holds, keeps the old version, logs and applies. Everything up to
 * the latch is planned on optimistic reads; the latch is taken from the stamp they rest on.
 */
final class LeafWriter {
    private final Engine engine;
    private final BufferPool pool;
    private final int pageSize;
    private final Restructuring restructuring;
    private final PageHints hints;

    LeafWriter(Engine engine, Restructuring restructuring, PageHints hints) {
        this.engine = engine;
        this.restructuring = restructuring;
        this.hints = hints;
        pool = engine.pool();
        pageSize = pool.pageSize();
    }

    /** See {@link BTree#write}. */
    Step write(Workspace workspace, TreeRef tree, WriteMode mode, Transaction transaction, RecordListener listener) {
        TreeScratch scratch = TreeScratch.of(workspace);
        clearResult(workspace);
        Step step = scratch.descent.to(pool, workspace, tree, Descent.Target.KEY);
        if (step != Step.DONE) {
            return step;
        }
        scratch.look(pool, workspace);
        scratch.aim(workspace, mode);
        boolean fits = scratch.fits(pageSize, workspace.keyLength);
        long pageLsn = PageLayout.pageLsn(scratch.page);
        if (!scratch.descent.leafValid(pool)) {
            return Step.CONTENDED;
        }
        Verdict verdict = transaction == null || transaction.readsCommitted()
                ? judgeNewest(workspace, scratch, mode, transaction)
                : judge(workspace, tree, scratch, mode, transaction);
        if (verdict == Verdict.WRITE) {
            if (mode != WriteMode.LOCK && scratch.newIsLong && LongValueLayout.head(workspace.valueAddress) == 0) {
                return Step.WRITE_LONG;
            }
            return fits
                    ? change(workspace, tree, scratch, transaction, listener)
                    : restructuring.makeRoom(workspace, tree, scratch, false);
        }
        if (verdict == Verdict.LEAVE) {
            workspace.awaitLsn = workspace.resultStamp == 0
                    ? pageLsn
                    : Stamping.restsOn(engine.transactions(), workspace.resultStamp);
            return scratch.descent.leafValid(pool) ? Step.DONE : Step.CONTENDED;
        }
        if (verdict == Verdict.COMPARE && !scratch.descent.leafValid(pool)) {
            return Step.CONTENDED;
        }
        return verdict.step;
    }

    private static void clearResult(Workspace workspace) {
        workspace.found = false;
        workspace.resultLength = 0;
        workspace.resultIsLong = false;
        workspace.resultStamp = 0;
        workspace.writtenLsn = 0;
        workspace.awaitLsn = 0;
    }

    /** What is to be done about the entry. */
    private enum Verdict {
        WRITE(null),
        LEAVE(Step.DONE),
        LOCKED(Step.LOCKED),
        CONFLICT(Step.CONFLICT),
        NOT_DURABLE(Step.AWAIT_DURABLE),
        TOO_OLD(Step.SNAPSHOT_TOO_OLD),
        COMPARE(Step.COMPARE_LONG),
        LOGGED(Step.VERSION_IN_LOG),
        AGAIN(Step.CONTENDED);

        private final Step step;

        Verdict(Step step) {
            this.step = step;
        }
    }

    /** On the newest committed version: outside a transaction durable or not (D5), in a transaction once it is durable. */
    private Verdict judgeNewest(Workspace workspace, TreeScratch scratch, WriteMode mode, Transaction transaction) {
        if (scratch.exists && (transaction == null || scratch.stamp != transaction.id())) {
            long state = Stamping.state(engine.transactions(), scratch.stamp);
            if (state == TransactionTable.ACTIVE) {
                workspace.lockedBy = scratch.stamp;
                return Verdict.LOCKED;
            }
            if (state == TransactionTable.ABORTED) {
                return Verdict.AGAIN;
            }
            if (transaction != null && state > engine.visibleLsn()) {
                workspace.awaitLsn = state;
                return Verdict.NOT_DURABLE;
            }
        }
        return judgeSeen(workspace, scratch, mode, transaction);
    }

    private static Verdict judgeSeen(
            Workspace workspace, TreeScratch scratch, WriteMode mode, Transaction transaction) {
        workspace.found = scratch.live();
        workspace.resultStamp = scratch.stamp;
        boolean compares = mode == WriteMode.REPLACE && scratch.isLong;
        if (mode == WriteMode.LOCK || compares) {
            workspace.resultLength = scratch.valueLength;
            workspace.resultIsLong = scratch.isLong;
            Memory.copy(scratch.value, workspace.resultAddress, scratch.valueLength);
        }
        if (compares && isToBeCompared(workspace)) {
            return Verdict.COMPARE;
        }
        if (mode == WriteMode.LOCK) {
            return scratch.exists && scratch.stamp == transaction.id() ? Verdict.LEAVE : Verdict.WRITE;
        }
        return holds(workspace, mode, scratch.value, scratch.valueLength) ? Verdict.WRITE : Verdict.LEAVE;
    }

    /** In a transaction: on what its snapshot sees; first committer wins. */
    private Verdict judge(
            Workspace workspace, TreeRef tree, TreeScratch scratch, WriteMode mode, Transaction transaction) {
        ReadView view = transaction.view();
        if (scratch.exists && !view.sees(scratch.stamp)) {
            return judgeUnseen(workspace, tree, scratch, mode, view);
        }
        if (!engine.versions().readable(view)) {
            return Verdict.TOO_OLD;
        }
        return judgeSeen(workspace, scratch, mode, transaction);
    }

    /** Someone else has written since the snapshot; that matters only to a write whose condition holds in the snapshot. */
    private Verdict judgeUnseen(Workspace workspace, TreeRef tree, TreeScratch scratch, WriteMode mode, ReadView view) {
        Found seen = engine.versions().find(tree.treeId(), workspace, view);
        if (seen == Found.GONE || seen == Found.LOGGED) {
            return seen == Found.GONE ? Verdict.TOO_OLD : Verdict.LOGGED;
        }
        workspace.found = seen == Found.VALUE;
        if (mode == WriteMode.REPLACE && seen == Found.VALUE && isToBeCompared(workspace)) {
            return Verdict.COMPARE;
        }
        if (!holds(workspace, mode, workspace.resultAddress, workspace.resultLength)) {
            return Verdict.LEAVE;
        }
        long state = Stamping.state(engine.transactions(), scratch.stamp);
        if (state == TransactionTable.ACTIVE) {
            workspace.lockedBy = scratch.stamp;
            return Verdict.LOCKED;
        }
        workspace.awaitLsn = state;
        return state > view.lsn() ? Verdict.CONFLICT : Verdict.AGAIN;
    }

    private static boolean holds(Workspace workspace, WriteMode mode, long value, int valueLength) {
        return switch (mode) {
            case PUT, LOCK -> true;
            case PUT_IF_ABSENT -> !workspace.found;
            case REPLACE -> workspace.found && hasExpectedValue(workspace, value, valueLength);
            case DELETE -> workspace.found;
            case CAS_STAMP -> hasExpectedStamp(workspace);
            case CAS_STAMP_DELETE -> workspace.found && hasExpectedStamp(workspace);
        };
    }

    private static boolean hasExpectedStamp(Workspace workspace) {
        return workspace.expectedStamp == Stamps.NONE
                ? !workspace.found
                : workspace.resultStamp == workspace.expectedStamp;
    }

    private static boolean hasExpectedValue(Workspace workspace, long value, int valueLength) {
        if (workspace.resultIsLong || workspace.expectedIsLong) {
            return workspace.resultIsLong && workspace.expectedIsLong && isAsLong(workspace) && workspace.expectedHolds;
        }
        return valueLength == workspace.expectedLength
                && Memory.mismatch(value, workspace.expectedAddress, valueLength) == valueLength;
    }

    /** Whether the result is a long value that may be the expected one, and is not the one that has been compared with it. */
    private static boolean isToBeCompared(Workspace workspace) {
        return workspace.resultIsLong
                && workspace.expectedIsLong
                && isAsLong(workspace)
                && !LongValueLayout.isSame(workspace.resultAddress, workspace.expectedAddress);
    }

    private static boolean isAsLong(Workspace workspace) {
        return LongValueLayout.length(workspace.resultAddress) == LongValueLayout.length(workspace.expectedAddress);
    }

    private Step change(
            Workspace workspace, TreeRef tree, TreeScratch scratch, Transaction transaction, RecordListener listener) {
        fill(workspace, tree, scratch, transaction != null);
        MiniTransaction mini = workspace.miniTransaction;
        if (transaction == null) {
            mini.beginSingle();
        } else {
            mini.beginUndoable(transaction);
        }
        if (!keepOldVersion(mini, scratch, transaction)) {
            mini.abandon();
            return Step.VERSIONS_FULL;
        }
        plan(mini, scratch);
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
            workspace.writtenLsn = mini.commit(listener);
            if (scratch.deletes) {
                hints.add(scratch.descent.page(scratch.descent.leaf()));
            }
        }
        return step;
    }

    private static void fill(Workspace workspace, TreeRef tree, TreeScratch scratch, boolean undoable) {
        LeafChange change = scratch.change;
        change.operation = TreeOperation.LEAF_PUT;
        change.slot = scratch.slot();
        change.treeId = tree.treeId();
        change.key = workspace.keyAddress;
        change.keyLength = workspace.keyLength;
        change.ghost = scratch.deletes;
        change.isLong = scratch.newIsLong;
        change.value = scratch.newValue;
        change.valueLength = scratch.newValueLength;
        change.undoable = undoable;
        change.lock = scratch.keeps;
        change.oldFlags = !scratch.exists
                ? VersionStore.FLAG_ABSENT
                : (scratch.ghost ? VersionStore.FLAG_GHOST : 0) | (scratch.isLong ? VersionStore.FLAG_LONG : 0);
        change.oldStamp = scratch.stamp;
        change.oldValue = scratch.value;
        change.oldValueLength = scratch.valueLength;
    }

    /**
     * Readers of older snapshots and rollback need what is overwritten; over nothing, only rollback does. A large transaction's rollback reads the
     * log, so only for readers does it leave a stub, and none for what is its own or not live. References of long values are kept.
     */
    private boolean keepOldVersion(MiniTransaction mini, TreeScratch scratch, Transaction transaction) {
        LeafChange change = scratch.change;
        if (!scratch.exists && !change.undoable) {
            return true;
        }
        boolean takesOver = scratch.isLong && scratch.links.unlinked() == 0;
        long node = engine.versions()
                .allocate(
                        transaction,
                        change.treeId,
                        change.key,
                        change.keyLength,
                        change.oldFlags | (takesOver ? VersionStore.FLAG_TAKEN_OVER : 0),
                        change.oldStamp,
                        change.oldValue,
                        change.oldValueLength);
        mini.keepVersion(node);
        if (node != 0 || transaction == null || !transaction.keepsStubs() || scratch.isLong) {
            return node != 0;
        }
        if (scratch.live() && scratch.stamp != transaction.id()) {
            mini.keepStub(change.treeId, change.key, change.keyLength);
        }
        return true;
    }

    /** Plans the change that the scratch describes. */
    void plan(MiniTransaction mini, TreeScratch scratch) {
        PageScratch.prepare(pageSize);
        Descent descent = scratch.descent;
        LeafChange change = scratch.change;
        change.write(mini.change(descent.leafFrame(), descent.leafStamp(), change.operation.code(), change.length()));
    }
}
