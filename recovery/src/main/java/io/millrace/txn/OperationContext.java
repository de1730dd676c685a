package io.millrace.txn;

/**
 * What operations of one store share.
 *
 * @param engine the rooms
 * @param workspaces scratch memory for steps
 * @param transactions running transactions
 * @param versionLog reads overwritten versions that are not in memory
 * @param missTickets bound on operations that miss pages
 * @param counters statistics
 * @param values budget for long values on their way in and out
 */
public record OperationContext(
        Engine engine,
        WorkspacePool workspaces,
        Transactions transactions,
        VersionLog versionLog,
        MissTickets missTickets,
        OperationCounters counters,
        ValueMemory values) {
    void release(Workspace workspace) {
        counters.hits(workspace.pageHits);
        workspace.clear();
        workspaces.release(workspace);
    }
}
