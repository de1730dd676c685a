package io.millrace.testkit.history;

import java.util.ArrayList;
import java.util.List;

/** The time from an opening of the store to its close or crash. Thread-safe. */
public final class Life {
    private final History history;
    private final List<Recording> open = new ArrayList<>();
    // Guarded by the history.
    private boolean crashing;
    private boolean over;

    Life(History history) {
        this.history = history;
    }

    /** A moment, to be passed to {@link #begin(long)} later. */
    public long now() {
        return history.tick();
    }

    /** A transaction is about to begin. */
    public Recording begin() {
        return begin(now());
    }

    /** A further attempt of what was asked for at {@code invoked}. After the end of this life it is not recorded. */
    public Recording begin(long invoked) {
        synchronized (history) {
            if (over) {
                return new Recording(history, this, -1, invoked);
            }
            Recording recording = history.enter(this, invoked);
            open.removeIf(other -> other.outcome() != Recording.Outcome.OPEN);
            open.add(recording);
            return recording;
        }
    }

    /** A crash is about to happen: nothing that is told from now on has been acknowledged for certain. */
    public void crashing() {
        synchronized (history) {
            crashing = true;
        }
    }

    /** The crash has happened: of what was under way, only what had asked for its commit may have happened. */
    public void cut() {
        synchronized (history) {
            crashing = true;
            open.forEach(Recording::abandoned);
            over = true;
        }
    }

    boolean acknowledges() {
        return !crashing;
    }
}
