package io.millrace;

import io.millrace.common.EngineThreads;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Runs short actions later, on a thread of its own; what they lead to must be handed over. Setting and cancelling is lock-free, and a cancelled
 * action is forgotten at once.
 */
final class Timer implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Timer.class.getName());

    /** An action that waits. */
    interface Alarm {
        /** Forgets it, if it has not begun. */
        void cancel();
    }

    /** Nanoseconds since the timer was made, and a number that tells alarms of the same moment apart. */
    private record Due(long nanos, long number) implements Comparable<Due> {
        @Override
        public int compareTo(Due other) {
            int byTime = Long.compare(nanos, other.nanos);
            return byTime != 0 ? byTime : Long.compare(number, other.number);
        }
    }

    private final EngineThreads threads;
    private final long origin;
    private final ConcurrentSkipListMap<Due, Runnable> actions = new ConcurrentSkipListMap<>();
    private final AtomicLong numbers = new AtomicLong();
    private final Thread thread;
    private volatile boolean closed;

    Timer(EngineThreads threads) {
        this.threads = threads;
        origin = threads.nanoTime();
        thread = threads.start("timer", this::run);
    }

    /** Runs {@code action} after {@code nanos}. */
    Alarm set(long nanos, Runnable action) {
        Due due = new Due(threads.nanoTime() - origin + nanos, numbers.getAndIncrement());
        actions.put(due, action);
        Map.Entry<Due, Runnable> first = actions.firstEntry();
        if (first != null && first.getKey().equals(due)) {
            threads.unpark(thread);
        }
        return () -> actions.remove(due);
    }

    private void run() {
        while (!closed) {
            Map.Entry<Due, Runnable> first = actions.firstEntry();
            if (first == null) {
                threads.park(this);
                continue;
            }
            long wait = first.getKey().nanos() - (threads.nanoTime() - origin);
            if (wait > 0) {
                threads.park(this, wait);
            } else if (actions.remove(first.getKey()) != null) {
                perform(first.getValue());
            }
        }
    }

    private static void perform(Runnable action) {
        try {
            action.run();
        } catch (RuntimeException failure) {
            LOG.log(System.Logger.Level.ERROR, "a timed action failed; the store goes on", failure);
        }
    }

    /** Ends the thread; what waits is forgotten. */
    @Override
    public void close() {
        closed = true;
        threads.unpark(thread);
        threads.join(thread);
    }
}
