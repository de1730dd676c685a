package io.millrace.txn;

import io.millrace.common.Memory;
import java.util.function.Consumer;

/**
 * Rolls a running transaction back: undoes its changes newest first, by key, each with a compensation record, then writes the end of the
 * rollback. Old versions come from the version store, which keeps them for this.
 */
public final class Rollback extends Operation {
    private final Transaction transaction;
    private final UndoHandler undo;
    private final Runnable whenDone;
    private final Consumer<Throwable> whenFailed;
    private int next;

    /** The rollback of {@code transaction}; {@link #start} starts it. */
    public Rollback(
            OperationContext context,
            Transaction transaction,
            UndoHandler undo,
            Runnable whenDone,
            Consumer<Throwable> whenFailed) {
        super(context);
        this.transaction = transaction;
        this.undo = undo;
        this.whenDone = whenDone;
        this.whenFailed = whenFailed;
        transaction.state(Transaction.State.ROLLING_BACK);
        next = transaction.nodes().size() - 1;
    }

    @Override
    protected Step step(Workspace workspace) {
        for (; next >= 0; next--) {
            Step outcome = undo(workspace, transaction.nodes().getLong(next));
            if (outcome != Step.DONE) {
                return outcome;
            }
        }
        return context().transactions().finishRollback(workspace, transaction);
    }

    private Step undo(Workspace workspace, long node) {
        workspace.keyAddress = node + VersionNodeLayout.KEY;
        workspace.keyLength = Memory.getInt(node + VersionNodeLayout.KEY_LENGTH);
        workspace.valueAddress = workspace.keyAddress + workspace.keyLength;
        workspace.valueLength = Memory.getInt(node + VersionNodeLayout.VALUE_LENGTH);
        long undoNext = next == 0 ? 0 : Memory.getLong(transaction.nodes().getLong(next - 1) + VersionNodeLayout.LSN);
        return undo.undo(
                workspace,
                transaction,
                Memory.getLong(node + VersionNodeLayout.TREE),
                Memory.getInt(node + VersionNodeLayout.FLAGS),
                Memory.getLong(node + VersionNodeLayout.BEGIN),
                undoNext);
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
