package io.millrace.txn;

/** Undoes one change of a transaction logically, by key, wherever the key lies by now. Implemented by the owner of the trees. */
public interface UndoHandler {
    /**
     * Restores the version that the change overwrote and writes the compensation record; restartable like any operation.
     *
     * @param workspace scratch; its key and value operands are set: the key, and the old value if there was one
     * @param owner the transaction that is rolled back
     * @param treeId the tree
     * @param oldFlags {@link VersionStore#FLAG_ABSENT}, {@link VersionStore#FLAG_GHOST} or 0
     * @param oldStamp stamp of the old version
     * @param undoNext LSN of the change to undo next, 0 for none
     * @return DONE, or what to wait for
     */
    Step undo(Workspace workspace, Transaction owner, long treeId, int oldFlags, long oldStamp, long undoNext);

    /**
     * The same from the change as it stands in the log: decodes the body of an undoable change into the workspace's operands, then undoes it.
     */
    Step undoLogged(Workspace workspace, Transaction owner, int operation, long body, int length, long undoNext);
}
