package io.millrace.txn;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * The completion workers: threads on which everything goes on that had to wait, user code included; never a log or I/O thread. One queue for
 * all, so that a task behind a slow one is taken by the next free worker. {@link #execute} is lock-free and never blocks.
 */
public final class Workers implements Executor, AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Workers.class.getName());

    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final Queue<Thread> parked = new ConcurrentLinkedQueue<>();
    private final AtomicInteger pending = new AtomicInteger();
    private final Thread[] threads;
    private volatile boolean closed;

    /** Starts {@code count} workers. */
    public Workers(int count) {
        threads = new Thread[count];
        for (int i = 0; i < count; i++) {
            threads[i] = new Thread(this::run, "millrace-worker-" + i);
            threads[i].setDaemon(true);
            threads[i].start();
        }
    }

    @Override
    public void execute(Runnable task) {
        pending.incrementAndGet();
        tasks.add(task);
        Thread idle = parked.poll();
        if (idle != null) {
            LockSupport.unpark(idle);
        }
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
                    LockSupport.park(this);
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
            LockSupport.unpark(thread);
        }
        if (!isWorker()) {
            for (Thread thread : threads) {
                joinUninterruptibly(thread);
            }
        }
    }

    static void joinUninterruptibly(Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
