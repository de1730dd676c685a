package io.millrace.error;

import java.time.Duration;

/** A lock was not free in time. Run the transaction again. */
public final class LockTimeoutException extends MillraceException {

    private static final long serialVersionUID = 1L;

    private final String map;
    private final long holderId;
    private final Duration timeout;

    /** The map of the key, the transaction that holds the lock, the time waited. */
    public LockTimeoutException(String map, long holderId, Duration timeout) {
        super("no lock in map '" + map + "' within " + timeout.toMillis() + "ms, held by transaction " + holderId
                + ": run the transaction again, or raise transaction.lock-timeout");
        this.map = map;
        this.holderId = holderId;
        this.timeout = timeout;
    }

    public String map() {
        return map;
    }

    public long holderId() {
        return holderId;
    }

    public Duration timeout() {
        return timeout;
    }

    @Override
    public boolean isTransient() {
        return true;
    }
}
