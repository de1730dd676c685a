package io.millrace.testkit.history;

import java.util.ArrayList;
import java.util.List;

/**
 * What the clients of a store did and saw, over all its lives: transactions that append unique values to lists and read lists, with the order of
 * invocations and completions. Thread-safe.
 */
public final class History {
    private final List<Recording> transactions = new ArrayList<>();
    private long clock;
    private long values;

    /** The store is opened. */
    public Life life() {
        return new Life(this);
    }

    /** A value that has not been used. */
    public synchronized long value() {
        return ++values;
    }

    /** All transactions, in the order in which they were entered. */
    public synchronized List<Recording> transactions() {
        return List.copyOf(transactions);
    }

    synchronized long tick() {
        return ++clock;
    }

    synchronized Recording enter(Life life, long invoked) {
        Recording recording = new Recording(this, life, transactions.size(), invoked);
        transactions.add(recording);
        return recording;
    }
}
