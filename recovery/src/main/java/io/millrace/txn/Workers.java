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
        /** One of the below; what is AT_WORK may step aside, what is ASIDE may come back or be given up. */
        private final AtomicInteger state = new AtomicInteger(AT_WORK);
        /** It does nothing any more. */
        private volatile boolean ended;
    }

    private static final int AT_WORK = 0;
    /** Somebody in its task may wait for the close of the store. */
    private static final int ASIDE = 1;
    /** The close does not wait for it: it does nothing any more once its task is over. */
    private static final int GIVEN_UP = 2;

    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final Queue<Thread> parked = new ConcurrentLinkedQueue<>();
    private final AtomicInteger pending = new AtomicInteger();
    private final String name;
    private final EngineThreads door;
    private final AtomicReference<Worker[]> workers = new AtomicReference<>(new Worker[0]);
    private volatile boolean closed;
    // Who waits in close.
    private volatile Thread closer;

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
        if (self != null && self.state.compareAndSet(AT_WORK, ASIDE)) {
            startOne();
            if (self.task instanceof SharedWork) {
                execute(self.task);
            }
            door.unpark(closer);
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
        try {
            work(self);
        } finally {
            self.ended = true;
            door.unpark(closer);
        }
    }

    private void work(Worker self) {
        while (self.state.get() != GIVEN_UP) {
            Runnable task = tasks.poll();
            if (task != null) {
                self.task = task;
                perform(task);
                self.task = null;
                self.state.compareAndSet(ASIDE, AT_WORK);
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
        closer = Thread.currentThread();
        closed = true;
        for (Worker worker : workers.get()) {
            door.unpark(worker.thread);
        }
        if (!isWorker()) {
            // One that steps aside now adds another one behind.
            for (int i = 0; i < workers.get().length; i++) {
                awaitEnd(workers.get()[i]);
            }
        }
    }

    private void awaitEnd(Worker worker) {
        while (!worker.ended) {
            if (worker.state.compareAndSet(ASIDE, GIVEN_UP)) {
                return;
            }
            door.park(this);
        }
        door.join(worker.thread);
    }
}
