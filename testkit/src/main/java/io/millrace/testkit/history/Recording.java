package io.millrace.testkit.history;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One transaction of a {@link History}: what it appended and read, in its order, between its invocation and its completion. Used by one thread at a
 * time; its end is thread-safe.
 */
public final class Recording {
    /** What became of it. */
    public enum Outcome {
        /** Not over yet. */
        OPEN,
        COMMITTED,
        ABORTED,
        /** Its commit was asked for, and never answered. */
        UNKNOWN
    }

    /** An append of a value, or a read that found a list. */
    static final class Operation {
        private final int key;
        private final long value;
        private final long[] seen;

        private Operation(int key, long value, long[] seen) {
            this.key = key;
            this.value = value;
            this.seen = seen;
        }

        boolean isAppend() {
            return seen == null;
        }

        int key() {
            return key;
        }

        /** What was appended. */
        long value() {
            return value;
        }

        /** What was read. */
        long[] seen() {
            return seen;
        }

        @Override
        public String toString() {
            return isAppend()
                    ? "append(" + key + ", " + value + ")"
                    : "read(" + key + ", " + Arrays.toString(seen) + ")";
        }
    }

    /** Completion of a transaction that was never acknowledged. */
    static final long NEVER = Long.MAX_VALUE;

    private final History history;
    private final Life life;
    private final int number;
    private final long invoked;
    private final List<Operation> operations = new ArrayList<>();
    // Guarded by the history.
    private Outcome outcome = Outcome.OPEN;
    private boolean committing;
    private long completed = NEVER;

    Recording(History history, Life life, int number, long invoked) {
        this.history = history;
        this.life = life;
        this.number = number;
        this.invoked = invoked;
    }

    /** It is about to append {@code value}, which nobody else ever does. */
    public void append(int key, long value) {
        add(new Operation(key, value, null));
    }

    /** It has read the list of {@code key}; an empty one if there was no entry. */
    public void read(int key, long... list) {
        add(new Operation(key, 0, list));
    }

    private void add(Operation operation) {
        synchronized (history) {
            if (outcome == Outcome.OPEN) {
                operations.add(operation);
            }
        }
    }

    /** Its commit is about to be asked for: from now on it may have happened. */
    public Recording committing() {
        synchronized (history) {
            committing = true;
        }
        return this;
    }

    /** It is acknowledged; too late if the machine is gone. */
    public void committed() {
        synchronized (history) {
            if (life.acknowledges()) {
                end(Outcome.COMMITTED);
            }
        }
    }

    /** It certainly left nothing behind. */
    public void aborted() {
        end(Outcome.ABORTED);
    }

    /** Nobody can tell. */
    public void unknown() {
        end(Outcome.UNKNOWN);
    }

    private void end(Outcome last) {
        synchronized (history) {
            if (outcome == Outcome.OPEN) {
                outcome = last;
                completed = last == Outcome.UNKNOWN ? NEVER : history.tick();
            }
        }
    }

    /** Nobody waits for it any more: it may have happened if it had asked for its commit. */
    public void abandoned() {
        end(committing ? Outcome.UNKNOWN : Outcome.ABORTED);
    }

    Outcome outcome() {
        return outcome;
    }

    long invoked() {
        return invoked;
    }

    long completed() {
        return completed;
    }

    List<Operation> operations() {
        return operations;
    }

    @Override
    public String toString() {
        return "T" + number + (outcome == Outcome.COMMITTED ? "" : " (" + outcome + ")") + operations;
    }
}
