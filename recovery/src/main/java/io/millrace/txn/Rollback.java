package io.millrace.txn;

import io.millrace.common.Memory;
import java.util.function.Consumer;

/**
 * Rolls a running transaction back, as a whole or to a savepoint: undoes its changes newest first, by key, each with a compensation record. A
 * whole rollback then writes its end. Old versions come from the version store, which keeps them for this; those of a large transaction's later
 * changes from the log.
 */
public final class Rollback extends Operation {
    private static final int NONE_KEPT = -1;

    private final Transaction transaction;
    private final UndoHandler undo;
    private final Runnable whenDone;
    private final Consumer<Throwable> whenFailed;
    private final int changesKept;
    private final boolean whole;
    private long undoneLsn;

    private Rollback(
            OperationContext context,
            Transaction transaction,
            UndoHandler undo,
            int changesKept,
            Runnable whenDone,
            Consumer<Throwable> whenFailed) {
        super(context);
        this.transaction = transaction;
        this.changesKept = Math.max(0, changesKept);
        whole = changesKept == NONE_KEPT;
        this.undo = undo;
        this.whenDone = whenDone;
        this.whenFailed = whenFailed;
    }

    /** The rollback of all that {@code transaction} did, and its end; {@link #start} starts it. */
    public static Rollback whole(
            OperationContext context,
            Transaction transaction,
            UndoHandler undo,
            Runnable whenDone,
            Consumer<Throwable> whenFailed) {
        transaction.state(Transaction.State.ROLLING_BACK);
        return new Rollback(context, transaction, undo, NONE_KEPT, whenDone, whenFailed);
    }

    /** The rollback of what {@code transaction} did since it had {@code changesKept} {@linkplain Transaction#changes changes}. */
    public static Rollback toSavepoint(
            OperationContext context,
            Transaction transaction,
            UndoHandler undo,
            int changesKept,
            Runnable whenDone,
            Consumer<Throwable> whenFailed) {
        return new Rollback(context, transaction, undo, changesKept, whenDone, whenFailed);
    }

    @Override
    protected Step step(Workspace workspace) {
        while (transaction.changes() > changesKept) {
            transaction.prepareUndone();
            Step outcome =
                    transaction.newestIsKept() ? undo(workspace, transaction.changes() - 1) : undoFromLog(workspace);
            if (outcome != Step.DONE) {
                return outcome;
            }
            long node = transaction.lastUndone(undoneLsn);
            if (node != 0) {
                context().engine().versions().takenBack(node);
            }
        }
        return whole ? context().transactions().finishRollback(workspace, transaction) : Step.DONE;
    }

    private Step undo(Workspace workspace, int change) {
        long node = transaction.nodes().getLong(change);
        undoneLsn = Memory.getLong(node + VersionNodeLayout.LSN);
        workspace.undoneLsn = undoneLsn;
        workspace.keyAddress = node + VersionNodeLayout.KEY;
        workspace.keyLength = Memory.getInt(node + VersionNodeLayout.KEY_LENGTH);
        workspace.valueAddress = workspace.keyAddress + workspace.keyLength;
        workspace.valueLength = Memory.getInt(node + VersionNodeLayout.VALUE_LENGTH);
        long undoNext =
                change == 0 ? 0 : Memory.getLong(transaction.nodes().getLong(change - 1) + VersionNodeLayout.LSN);
        return undo.undo(
                workspace,
                transaction,
                Memory.getLong(node + VersionNodeLayout.TREE),
                Memory.getInt(node + VersionNodeLayout.FLAGS),
                Memory.getLong(node + VersionNodeLayout.BEGIN),
                undoNext);
    }

    private Step undoFromLog(Workspace workspace) {
        long lsn = transaction.undoLsn();
        LoggedVersion change = workspace.logAnswer == null ? null : workspace.logAnswer.at(lsn);
        if (change == null) {
            workspace.logRequest = new LogRequest.OfTransaction(transaction.id(), lsn, transaction.firstLsn());
            return Step.VERSION_IN_LOG;
        }
        if (!change.undoable()) {
            // A compensation of an earlier rollback, to a savepoint.
            transaction.undoLsn(change.previousLsn());
            return undoFromLog(workspace);
        }
        undoneLsn = lsn;
        workspace.undoneLsn = lsn;
        workspace.key(change.key(), 0, change.key().length);
        workspace.value(change.value(), 0, change.value().length);
        return undo.undo(workspace, transaction, change.treeId(), change.flags(), change.stamp(), change.previousLsn());
    }

    @Override
    protected void done() {
        whenDone.run();
    }

    @Override
    protected void failed(Throwable cause) {
        whenFailed.accept(cause);
    }
}
