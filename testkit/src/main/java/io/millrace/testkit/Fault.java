package io.millrace.testkit;

/** What a {@link FaultPlan} can do to a call. */
public enum Fault {
    /** Nothing. */
    NONE,
    /** The call fails with an input/output error and has no effect; after a failed force, what was unforced stays so for good. */
    IO_ERROR,
    /** The call fails because the disk is full and has no effect; a force as with {@link #IO_ERROR}. */
    NO_SPACE,
    /** A write stops somewhere inside, the rest fails with an input/output error; any other call as with {@link #IO_ERROR}. */
    SHORT_WRITE,
    /** The machine stops before the call has an effect. */
    CRASH,
    /** The machine stops after the call has had its effect, before it returns. */
    CRASH_AFTER;

    boolean isError() {
        return this == IO_ERROR || this == NO_SPACE || this == SHORT_WRITE;
    }
}
