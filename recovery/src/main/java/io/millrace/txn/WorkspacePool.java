package io.millrace.txn;

import io.millrace.common.IndexStack;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The workspaces of a store: bounded, made on first need, lock-free to take and to give back. A thread finds the one again that it gave back last,
 * so that its memory stays in the core's cache and two threads write nothing that both read.
 */
public final class WorkspacePool {
    private static final int PLACES = 16;
    /** References from one place to the next: on two cache lines, prefetched in pairs, stands only one. */
    private static final int SPACING = 32;

    private final Engine engine;
    private final RecordHandlers handlers;
    // Each place is written once, by who makes the workspace, before anybody else can have it.
    private final Workspace[] workspaces;
    // Idle ones, by the thread that gave them back; the places of threads come first.
    private final AtomicReferenceArray<Workspace> near = new AtomicReferenceArray<>((PLACES + 1) * SPACING);
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
        Workspace own = near.getAndSet(place(), null);
        if (own != null) {
            return own;
        }
        int index = idle.pop();
        if (index != IndexStack.NONE) {
            return workspaces[index];
        }
        index = made.get();
        while (index < workspaces.length && !made.compareAndSet(index, index + 1)) {
            index = made.get();
        }
        return index < workspaces.length ? make(index) : takeFromOthers();
    }

    private Workspace make(int index) {
        Workspace workspace = new Workspace(engine, handlers, index);
        workspaces[index] = workspace;
        return workspace;
    }

    private Workspace takeFromOthers() {
        for (int i = 1; i <= PLACES; i++) {
            Workspace other = near.getAndSet(i * SPACING, null);
            if (other != null) {
                return other;
            }
        }
        return null;
    }

    /** Gives a workspace back. */
    public void release(Workspace workspace) {
        if (!near.compareAndSet(place(), null, workspace)) {
            idle.push(workspace.index);
        }
    }

    private static int place() {
        return (((int) Thread.currentThread().getId() & PLACES - 1) + 1) * SPACING;
    }

    /** Bytes of off-heap memory in workspaces. */
    public long offHeapBytes() {
        return (long) made.get() * Workspace.memoryBytes(engine.pool().pageSize());
    }
}
