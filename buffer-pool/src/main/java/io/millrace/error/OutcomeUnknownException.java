package io.millrace.error;

/**
 * The commit was on its way when the log failed: it may have become durable or not, and only opening the store again
 * tells. Never retried by the store; do not retry without looking.
 */
public final class OutcomeUnknownException extends MillraceException {

    private static final long serialVersionUID = 1L;

    private final long commitLsn;

    /** The LSN of the commit record, and the first failure of the log. */
    public OutcomeUnknownException(long commitLsn, Throwable cause) {
        super(
                "the outcome of the commit at LSN " + commitLsn
                        + " is unknown: open the store again and look before repeating it",
                cause);
        this.commitLsn = commitLsn;
    }

    public long commitLsn() {
        return commitLsn;
    }
}
