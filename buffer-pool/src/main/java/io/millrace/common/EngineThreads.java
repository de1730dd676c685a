package io.millrace.common;

/**
 * The one door to threads, time and chance: every thread of the engine is started here, sleeps here and is woken here, every clock is read here
 * and every random number drawn here. {@link #SYSTEM} is what runs in production; a simulation puts a scheduler of its own behind the same door,
 * runs one thread at a time, in an order drawn from a seed, and moves the clock itself.
 *
 * <p>So engine threads wait for each other by {@link #park} alone, or by what is built on it: {@link Completion}, {@link EngineLock},
 * {@link Sleepers}. A lock of the JDK may be taken where nobody parks, wakes a thread or does I/O while he holds it.
 *
 * <p>Thread-safe. An interrupt ends none of the waits; it is kept for later.
 */
public interface EngineThreads {
    /** The threads and the clock of the JVM. */
    EngineThreads SYSTEM = new SystemThreads();

    /** A daemon thread {@code millrace-<role>}, started. */
    Thread start(String role, Runnable body);

    /** Waits for the end of {@code thread}; does nothing on that thread itself. */
    void join(Thread thread);

    /** Sleeps until {@link #unpark}; may return early, without a reason. */
    void park(Object blocker);

    /** Sleeps until {@link #unpark}, at most that long; may return early, without a reason. */
    void park(Object blocker, long nanos);

    /** Wakes {@code thread}, or lets its next park return at once; null is nobody. */
    void unpark(Thread thread);

    /** Nanoseconds since some fixed moment, for measuring spans. */
    long nanoTime();

    /** Any number, each as likely as the others. Lock-free. */
    long random();
}
