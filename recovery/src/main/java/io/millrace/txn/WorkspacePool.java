package io.millrace.txn;

import io.millrace.common.IndexStack;
import java.util.concurrent.atomic.AtomicInteger;

/** The workspaces of a store: bounded, made on first need, lock-free to take and to give back, the one used last first. */
public final class WorkspacePool {
    private final Engine engine;
    private final RecordHandlers handlers;
    // Each place is written once, by who makes the workspace, before it comes into the stack.
    private final Workspace[] workspaces;
    private final IndexStack idle;
    private final AtomicInteger made = new AtomicInteger();

    /** A pool of at most {@code limit} workspaces. */
    public WorkspacePool(Engine engine, RecordHandlers handlers, int limit) {
        this.engine = engine;
        this.handlers = handlers;
        workspaces = new Workspace[limit];
        idle = IndexStack.empty(limit);
    }

    /** A workspace, or null if all are in use. */
    public Workspace take() {
        int index = idle.pop();
        if (index != IndexStack.NONE) {
            return workspaces[index];
        }
        index = made.get();
        while (index < workspaces.length && !made.compareAndSet(index, index + 1)) {
            index = made.get();
        }
        return index < workspaces.length ? make(index) : null;
    }

    private Workspace make(int index) {
        Workspace workspace = new Workspace(engine, handlers, index);
        workspaces[index] = workspace;
        return workspace;
    }

    /** Gives a workspace back. */
    public void release(Workspace workspace) {
        idle.push(workspace.index);
    }

    /** Bytes of off-heap memory in workspaces. */
    public long offHeapBytes() {
        return (long) made.get() * Workspace.memoryBytes(engine.pool().pageSize());
    }
}
