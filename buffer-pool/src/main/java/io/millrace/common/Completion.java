package io.millrace.common;

import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicReference;

/** Something that happens once, and that engine threads can wait for. Completing is lock-free, from any thread; the first outcome stays. */
public final class Completion {
    private static final Object DONE = new Object();

    private final Sleepers sleepers;
    // DONE, the failure, or null while it has not happened.
    private final AtomicReference<Object> outcome = new AtomicReference<>();

    /** Not yet. */
    public Completion(EngineThreads threads) {
        sleepers = new Sleepers(threads);
    }

    /** It has happened. */
    public void complete() {
        end(DONE);
    }

    /** It never will. */
    public void fail(Throwable cause) {
        end(cause);
    }

    private void end(Object end) {
        if (outcome.compareAndSet(null, end)) {
            sleepers.wakeAll();
        }
    }

    /** Waits for it, and throws the failure if there was one. Engine threads only. */
    public void await() {
        sleepers.await(() -> outcome.get() != null);
        Object end = outcome.get();
        if (end instanceof RuntimeException failure) {
            throw failure;
        }
        if (end instanceof Error failure) {
            throw failure;
        }
        if (end instanceof Throwable failure) {
            throw new CompletionException(failure);
        }
    }
}
