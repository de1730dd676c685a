package io.millrace.txn;

/** What a step that was not done waits for, taken out of its workspace before that is given back. */
record Waiting(
        long page, long lockedBy, long lsn, AdmissionGrant grant, ValueMemory.Share memory, LogRequest logRequest) {
    static Waiting of(Workspace workspace) {
        AdmissionGrant wanted = workspace.neededShare == null
                ? null
                : new AdmissionGrant(workspace.neededBytes, workspace.neededUndoBytes, workspace.neededShare);
        return new Waiting(
                workspace.missedPage,
                workspace.lockedBy,
                workspace.awaitLsn,
                wanted,
                workspace.neededMemory,
                workspace.logRequest);
    }
}
