package io.millrace.error;

/** Waiting for this lock would have closed a circle of transactions that wait for each other. Run the transaction again. */
public final class DeadlockException extends MillraceException {

    private static final long serialVersionUID = 1L;

    private final String map;
    private final long transactionId;
    private final long holderId;

    /** The map of the key, the transaction that gave way, the one it would have waited for. */
    public DeadlockException(String map, long transactionId, long holderId) {
        super("deadlock in map '" + map + "': transaction " + transactionId + " would wait for transaction " + holderId
                + ", which waits for it: run the transaction again, and lock keys in one order to avoid this");
        this.map = map;
        this.transactionId = transactionId;
        this.holderId = holderId;
    }

    public String map() {
        return map;
    }

    public long transactionId() {
        return transactionId;
    }

    public long holderId() {
        return holderId;
    }

    @Override
    public boolean isTransient() {
        return true;
    }
}
