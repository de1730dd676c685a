package io.millrace.error;

/** Something is larger than the store allows. Nothing was done; the same call will always fail. */
public final class LimitExceededException extends MillraceException {

    private static final long serialVersionUID = 1L;

    private final String name;
    private final long limit;
    private final long actual;

    /** What is limited (with its setting, if there is one), the limit, and what was asked for. */
    public LimitExceededException(String name, long limit, long actual) {
        super(
                name + " is limited to " + limit + " but " + actual
                        + " was asked for: make it smaller, nothing was done",
                null);
        this.name = name;
        this.limit = limit;
        this.actual = actual;
    }

    public String name() {
        return name;
    }

    public long limit() {
        return limit;
    }

    public long actual() {
        return actual;
    }
}
