package io.millrace.recovery;

/**
 * Is told how far a restart has come. One call at a time, on an engine thread, which waits meanwhile; what it throws ends the restart.
 */
@FunctionalInterface
public interface RestartListener {
    /** The log is going to be read from {@code scanStartLsn}; {@code clean} if the last run had closed the store, or there was none. */
    default void begins(boolean clean, long scanStartLsn) {}

    /** So far: at the beginning and at the end of each phase, and a few times a second in between. */
    void restarting(RestartProgress progress);
}
