package io.millrace.txn;

import io.millrace.common.EngineThreads;
import io.millrace.wal.SharedWork;
import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Threads that run what they are given. The completion workers are such: on them everything goes on that had to wait, user code included; never a
 * log or I/O thread. One queue for all, so that a task behind a slow one is taken by the next free worker. {@link #execute} is lock-free and never blocks.
 */
public final class Workers implements Executor, AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Workers.class.getName());

    /** One of the threads. */
    private static final class Worker {
        /** Set by itself and by who has started it. */
        private volatile Thread thread;
        /** What it does; its own. */
        private Runnable task;
        /** Whether somebody in its task may wait for the close of the store; set by itself. */
        private volatile boolean aside;
    }

    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final Queue<Thread> parked = new ConcurrentLinkedQueue<>();
    private final AtomicInteger pending = new AtomicInteger();
    private final String name;
    private final EngineThreads door;
    private final AtomicReference<Worker[]> workers = new AtomicReference<>(new Worker[0]);
    private volatile boolean closed;

    /** Starts {@code count} workers, of this name and a number. */
    public Workers(String name, int count, EngineThreads door) {
        this.name = name;
        this.door = door;
        for (int i = 0; i < count; i++) {
            startOne();
        }
    }

    private void startOne() {
        Worker worker = new Worker();
        Worker[] all = workers.updateAndGet(before -> {
            Worker[] after = Arrays.copyOf(before, before.length + 1);
            after[before.length] = worker;
            return after;
        });
        worker.thread = door.start(name + "-" + (all.length - 1), () -> run(worker));
    }

    /**
     * The close of the store begins in a task of the calling worker, if it is one, which may wait there for its end: until that task is over another
     * worker stands in for it, and does what the task has left to do for others; {@link #close} does not wait for it.
     */
    public void stepAside() {
        Worker self = current();
        if (self != null && !self.aside && !closed) {
            self.aside = true;
            startOne();
            if (self.task instanceof SharedWork) {
                execute(self.task);
            }
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
        return current() != null;
    }

    private Worker current() {
        Thread thread = Thread.currentThread();
        for (Worker worker : workers.get()) {
            if (worker.thread == thread) {
                return worker;
            }
        }
        return null;
    }

    private void run(Worker self) {
        self.thread = Thread.currentThread();
        while (!(closed && self.aside)) {
            Runnable task = tasks.poll();
            if (task != null) {
                self.task = task;
                perform(task);
                self.task = null;
                if (!closed) {
                    self.aside = false;
                }
            } else if (closed) {
                return;
            } else {
                parked.add(self.thread);
                // A task that came between the poll and the registration found nobody to wake.
                if (tasks.isEmpty() && !closed) {
                    door.park(this);
                }
                parked.remove(self.thread);
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

    /** Lets the workers finish what is queued, then ends them. Does not wait for those that {@linkplain #stepAside stepped aside}. */
    @Override
    public void close() {
        closed = true;
        for (Worker worker : workers.get()) {
            door.unpark(worker.thread);
        }
        if (!isWorker()) {
            for (Worker worker : workers.get()) {
                if (!worker.aside) {
                    door.join(worker.thread);
                }
            }
        }
    }
}
