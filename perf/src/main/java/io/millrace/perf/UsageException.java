package io.millrace.perf;

/** The command line can't be understood; the message says what is wrong with it. */
public final class UsageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** With a message for the person at the command line. */
    public UsageException(String message) {
        super(message);
    }
}
