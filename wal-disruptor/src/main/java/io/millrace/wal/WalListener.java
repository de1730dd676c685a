package io.millrace.wal;

/** What the log tells the store. */
public interface WalListener {
    /** A force is done: run {@code batch} on a completion worker. Called on the log thread, must only hand over. */
    void batchDurable(Runnable batch);

    /** The log has failed for good (L9). Called once. */
    void poisoned(Throwable cause);
}
