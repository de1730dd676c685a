package io.millrace;

/**
 * A point in the life of a transaction to which it can be rolled back, see {@link Transaction#savepoint}. It is gone when the transaction ends or
 * is rolled back to an earlier one.
 */
public final class Savepoint {
    private final int changes;

    Savepoint(int changes) {
        this.changes = changes;
    }

    /** Changes of the transaction at this point. */
    int changes() {
        return changes;
    }
}
