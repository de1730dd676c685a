package io.millrace.buffer;

/** Told when a write or force of the data file or the double-write area has failed (L9). */
@FunctionalInterface
public interface PoolFailureListener {
    /** Called once, with the first cause, on the engine thread that met it. Must not block. */
    void poisoned(Throwable cause);
}
