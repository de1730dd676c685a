package io.millrace.buffer;

import io.millrace.error.StorageIoException;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The one-way switch behind L9, one per store: after the first failed write or force of the data file or the double-write area neither is
 * written or forced again. The data file, the double-write area and the pool share it; the engine throws it too when the log is poisoned, so
 * that no cleaner waits for a log that will never be durable. Thread-safe, lock-free.
 */
public final class WriteFailures {
    private final AtomicReference<Throwable> first = new AtomicReference<>();
    private final PoolFailureListener listener;

    /** The listener is told of the first failure. */
    public WriteFailures(PoolFailureListener listener) {
        this.listener = Objects.requireNonNull(listener);
    }

    /** Records a failure; the first one reaches the listener. */
    public void fail(Throwable cause) {
        if (first.compareAndSet(null, Objects.requireNonNull(cause))) {
            listener.poisoned(cause);
        }
    }

    /** The first failure, or null. */
    public Throwable cause() {
        return first.get();
    }

    public boolean isPoisoned() {
        return first.get() != null;
    }

    /** Call before every write and force: throws the first cause if there was one. */
    void check(String what) {
        Throwable cause = first.get();
        if (cause != null) {
            throw new StorageIoException(what, cause);
        }
    }

    /** Records a failed write or force and returns what to throw. */
    StorageIoException failed(String what, Throwable cause) {
        fail(cause);
        return new StorageIoException(what, cause);
    }
}
