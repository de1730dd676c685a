package io.millrace.error;

/**
 * The root of everything that a store signals about itself. Each subtype stands for one thing the caller can do next and
 * carries its facts as fields. Argument errors are not among them: they are the JDK's own types.
 */
public abstract sealed class MillraceException extends RuntimeException
        permits CorruptLogException,
                CorruptPageException,
                DeadlockException,
                IncompatibleFormatException,
                InvalidConfigurationException,
                LimitExceededException,
                LockTimeoutException,
                LogPositionGoneException,
                OutcomeUnknownException,
                SnapshotTooOldException,
                StorageFullException,
                StorageIoException,
                StoreClosedException,
                StoreLockedException,
                StoreOverloadedException,
                TransactionConflictException {

    private static final long serialVersionUID = 1L;

    MillraceException(String message, Throwable cause) {
        super(message, cause);
    }

    /** For errors that are part of ordinary work under load: no stack trace is taken. */
    MillraceException(String message) {
        super(message, null, true, false);
    }

    /** Whether the same transaction, run again, may succeed. */
    public boolean isTransient() {
        return false;
    }
}
