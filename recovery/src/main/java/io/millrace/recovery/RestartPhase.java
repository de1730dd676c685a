package io.millrace.recovery;

/** The parts of a restart, in their order. */
public enum RestartPhase {
    /** The log is read to its end; work is counted in bytes of log. */
    ANALYSIS,
    /** The tail of the log is made durable, torn pages are restored; work is not counted. */
    REPAIR,
    /** History is repeated; work is counted in bytes of log. */
    REDO,
    /** Losers are rolled back; work is counted in changes. */
    UNDO
}
