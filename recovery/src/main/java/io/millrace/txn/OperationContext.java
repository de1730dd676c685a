package io.millrace.txn;

/**
 * What operations of one store share.
 *
 * @param engine the rooms
 * @param workspaces scratch memory for steps
 * @param transactions running transactions
 * @param missTickets bound on operations that miss pages
 * @param counters statistics
 */
public record OperationContext(
        Engine engine,
        WorkspacePool workspaces,
        Transactions transactions,
        MissTickets missTickets,
        OperationCounters counters) {
    void release(Workspace workspace) {
        counters.hits(workspace.pageHits);
        workspace.clear();
        workspaces.release(workspace);
    }
}
