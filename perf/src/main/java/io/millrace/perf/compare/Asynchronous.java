package io.millrace.perf.compare;

import io.millrace.perf.load.Slot;

/** A way into a {@link Contender} that does not wait; for any number of threads. */
public interface Asynchronous {
    /** Starts it; {@code slot} is completed when it is done, a change when it is durable. */
    void start(Operation operation, Slot slot);
}
