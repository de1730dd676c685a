package io.millrace.txn;

import java.util.List;

/** Finds the handler of an operation code. Immutable. */
public final class RecordHandlers {
    private static final int OPERATIONS = 256;

    private final RecordHandler[] byOperation = new RecordHandler[OPERATIONS];

    /** The handlers of a store; no two may claim one code. */
    public RecordHandlers(List<RecordHandler> handlers) {
        for (RecordHandler handler : handlers) {
            for (int operation = handler.firstOperation(); operation <= handler.lastOperation(); operation++) {
                if (byOperation[operation] != null) {
                    throw new IllegalArgumentException("two handlers for operation " + operation);
                }
                byOperation[operation] = handler;
            }
        }
    }

    /** The handler of {@code operation}. */
    public RecordHandler of(int operation) {
        RecordHandler handler = operation >= 0 && operation < OPERATIONS ? byOperation[operation] : null;
        if (handler == null) {
            throw new IllegalStateException("no handler for operation " + operation);
        }
        return handler;
    }
}
