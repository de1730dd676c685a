package io.millrace.perf.compare;

import java.util.Iterator;

/**
 * An open store, set up as somebody would who needs every commit to survive a power failure. Keys and values are byte arrays that belong to the
 * caller afterwards, so that nobody wins by not copying. Thread-safe, but for what a {@link Session} says.
 */
public interface Contender extends AutoCloseable {
    /** Entries that a load puts into one batch. */
    int LOAD_BATCH = 1000;

    /** What makes it durable and how it was tuned, in one line. */
    String settings();

    /** A thread's way in. */
    Session session();

    /** The way in for one thread with many operations in flight; null if callers are threads, as with most. */
    default Asynchronous asynchronous() {
        return null;
    }

    /** Whether {@link Session#transfer} works: two changes, all or nothing, isolated. */
    default boolean hasTransactions() {
        return true;
    }

    /** Puts all entries in, as fast as it can; durable when it returns. */
    void load(Iterator<KeyValue> entries);

    @Override
    void close();
}
