package io.millrace.txn;

import java.util.concurrent.atomic.AtomicInteger;
import org.agrona.concurrent.ManyToManyConcurrentArrayQueue;

/** The workspaces of a store: bounded, made on first need, lock-free to take and to give back. */
public final class WorkspacePool {
    private final Engine engine;
    private final RecordHandlers handlers;
    private final int limit;
    private final ManyToManyConcurrentArrayQueue<Workspace> idle;
    private final AtomicInteger made = new AtomicInteger();

    /** A pool of at most {@code limit} workspaces. */
    public WorkspacePool(Engine engine, RecordHandlers handlers, int limit) {
        this.engine = engine;
        this.handlers = handlers;
        this.limit = limit;
        idle = new ManyToManyConcurrentArrayQueue<>(limit);
    }

    /** A workspace, or null if all are in use. */
    public Workspace take() {
        Workspace workspace = idle.poll();
        if (workspace == null && made.get() < limit) {
            if (made.getAndIncrement() < limit) {
                return new Workspace(engine, handlers);
            }
            made.getAndDecrement();
        }
        return workspace;
    }

    /** Gives a workspace back. */
    public void release(Workspace workspace) {
        idle.offer(workspace);
    }

    /** Bytes of off-heap memory in workspaces. */
    public long offHeapBytes() {
        return (long) made.get() * Workspace.memoryBytes(engine.pool().pageSize());
    }
}
