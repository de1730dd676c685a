package io.millrace.txn;

import io.millrace.common.EngineThreads;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The completion workers: threads on which everything goes on that had to wait, user code included; never a log or I/O thread. One queue for
 * all, so that a task behind a slow one is taken by the next free worker. {@link #execute} is lock-free and never blocks.
 */
public final class Workers implements Executor, AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Workers.class.getName());

    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final Queue<Thread> parked = new ConcurrentLinkedQueue<>();
    private final AtomicInteger pending = new AtomicInteger();
    private final EngineThreads door;
    private final Thread[] threads;
    private volatile boolean closed;

    /** Starts {@code count} workers. */
    public Workers(int count, EngineThreads door) {
        this.door = door;
        threads = new Thread[count];
        for (int i = 0; i < count; i++) {
            threads[i] = door.start("worker-" + i, this::run);
        }
    }

    @Override
    public void execute(Runnable task) {
        pending.incrementAndGet();
        tasks.add(task);
        door.unpark(parked.poll());
    }

    /** Tasks handed over and not yet finished. */
    public int pending() {
        return pending.get();
    }

    /** Whether the calling thread is one of the workers. */
    public boolean isWorker() {
        Thread current = Thread.currentThread();
        for (Thread thread : threads) {
            if (thread == current) {
                return true;
            }
        }
        return false;
    }

    private void run() {
        Thread self = Thread.currentThread();
        while (true) {
            Runnable task = tasks.poll();
            if (task != null) {
                perform(task);
            } else if (closed) {
                return;
            } else {
                parked.add(self);
                // A task that came between the poll and the registration found nobody to wake.
                if (tasks.isEmpty() && !closed) {
                    door.park(this);
                }
                parked.remove(self);
            }
        }
    }

    private void perform(Runnable task) {
        try {
            task.run();
        } catch (Throwable failure) {
            LOG.log(System.Logger.Level.ERROR, "a completion failed; the store goes on", failure);
        } finally {
            pending.decrementAndGet();
        }
    }

    /** Lets the workers finish what is queued, then ends them. Does not wait when called by a worker. */
    @Override
    public void close() {
        closed = true;
        for (Thread thread : threads) {
            door.unpark(thread);
        }
        if (!isWorker()) {
            for (Thread thread : threads) {
                door.join(thread);
            }
        }
    }
}
