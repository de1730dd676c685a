package io.millrace.txn;

import io.millrace.error.LimitExceededException;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The budget for long values on their way into the store and out of it, in bytes of heap (L11). First come, first served: a large one is not
 * overtaken for ever by small ones. An operation asks once, for all that it needs at a time, so that nobody waits while he holds a part.
 * Any thread.
 */
public final class ValueMemory {
    private final long budget;
    private final Deque<Share> line = new ArrayDeque<>();
    private long free;

    /** A budget of {@code bytes}. */
    public ValueMemory(long bytes) {
        budget = bytes;
        free = bytes;
    }

    /**
     * A part of the budget, not taken yet.
     *
     * @throws LimitExceededException if it is more than the whole
     */
    public Share share(long bytes) {
        if (bytes > budget) {
            throw new LimitExceededException(
                    "bytes of long values on their way (transaction.max-value-memory)", budget, bytes);
        }
        return new Share(bytes);
    }

    /** Bytes that are taken. */
    public long usedBytes() {
        synchronized (line) {
            return budget - free;
        }
    }

    private void serve() {
        for (Runnable next = grantNext(); next != null; next = grantNext()) {
            next.run();
        }
    }

    /** Serves the line as far as it goes without telling anybody; answers whom to tell next, null if nobody. */
    private Runnable grantNext() {
        synchronized (line) {
            while (!line.isEmpty() && line.peek().bytes <= free) {
                Share share = line.poll();
                free -= share.bytes;
                share.granted = true;
                if (share.waiter != null) {
                    return share.waiter;
                }
            }
            return null;
        }
    }

    /** Some bytes of the budget; one operation's. */
    public final class Share {
        // Guarded by the line.
        private long bytes;
        private boolean granted;
        private boolean inLine;
        private Runnable waiter;

        private Share(long bytes) {
            this.bytes = bytes;
        }

        /** Takes it, or stands in line for it: see {@link #whenGranted}. True from the moment it is taken. */
        public boolean take() {
            synchronized (line) {
                if (!granted && !inLine) {
                    granted = line.isEmpty() && bytes <= free;
                    if (granted) {
                        free -= bytes;
                    } else {
                        inLine = true;
                        line.add(this);
                    }
                }
                return granted;
            }
        }

        /** Runs {@code action} once it is taken: at once, or on the thread that gives back what was missing, which it must not hold up. */
        public void whenGranted(Runnable action) {
            synchronized (line) {
                if (!granted) {
                    waiter = action;
                    return;
                }
            }
            action.run();
        }

        /** Gives back what is more than {@code needed}; it has been taken. */
        public void shrinkTo(long needed) {
            synchronized (line) {
                free += Math.max(0, bytes - needed);
                bytes = Math.min(bytes, needed);
            }
            serve();
        }

        /** Gives everything back, or leaves the line. Idempotent. */
        public void giveBack() {
            synchronized (line) {
                if (granted) {
                    free += bytes;
                } else {
                    line.remove(this);
                }
                granted = false;
                inLine = false;
                bytes = 0;
            }
            serve();
        }
    }
}
