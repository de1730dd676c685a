package io.millrace;

import java.time.Duration;
import java.util.Objects;

/** How a transaction runs; immutable. What is not set comes from the store's configuration. */
public final class TransactionOptions {
    private static final TransactionOptions DEFAULTS = new TransactionOptions(null, null, -1, Durability.DURABLE, "");

    private final Isolation isolation;
    private final Duration timeout;
    private final int retries;
    private final Durability durability;
    private final String tag;

    private TransactionOptions(Isolation isolation, Duration timeout, int retries, Durability durability, String tag) {
        this.isolation = isolation;
        this.timeout = timeout;
        this.retries = retries;
        this.durability = durability;
        this.tag = tag;
    }

    /** The configured isolation, time-out and retries; durable. */
    public static TransactionOptions defaults() {
        return DEFAULTS;
    }

    /** With this isolation instead of {@code transaction.isolation}. */
    public TransactionOptions isolation(Isolation level) {
        return new TransactionOptions(Objects.requireNonNull(level, "isolation"), timeout, retries, durability, tag);
    }

    /**
     * With this time-out instead of {@code transaction.timeout}: a transaction that has not been asked to commit by then is doomed with a
     * {@link io.millrace.error.LimitExceededException} and rolled back.
     */
    public TransactionOptions timeout(Duration limit) {
        if (limit.isNegative() || limit.isZero()) {
            throw new IllegalArgumentException("the time-out must be positive: " + limit);
        }
        return new TransactionOptions(isolation, limit, retries, durability, tag);
    }

    /** Runs the transaction again at most this often after a transient error, instead of {@code transaction.retries}. */
    public TransactionOptions retries(int count) {
        if (count < 0) {
            throw new IllegalArgumentException("the number of retries must not be negative: " + count);
        }
        return new TransactionOptions(isolation, timeout, count, durability, tag);
    }

    /** With this durability instead of {@link Durability#DURABLE}. */
    public TransactionOptions durability(Durability level) {
        return new TransactionOptions(isolation, timeout, retries, Objects.requireNonNull(level, "durability"), tag);
    }

    /** With a name that error messages about this transaction carry. */
    public TransactionOptions tag(String name) {
        return new TransactionOptions(isolation, timeout, retries, durability, Objects.requireNonNull(name, "tag"));
    }

    /** The isolation, null for the configured one. */
    public Isolation isolation() {
        return isolation;
    }

    /** The time-out, null for the configured one. */
    public Duration timeout() {
        return timeout;
    }

    /** The number of retries, -1 for the configured one. */
    public int retries() {
        return retries;
    }

    /** The durability. */
    public Durability durability() {
        return durability;
    }

    /** The name, empty if there is none. */
    public String tag() {
        return tag;
    }
}
