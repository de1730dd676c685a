package io.millrace.testkit;

/** The kinds of call that a {@link SimulatedDirectory} counts and a {@link FaultPlan} can hit. */
public enum IoKind {
    READ(false),
    WRITE(true),
    FORCE(true),
    SIZE(false),
    TRUNCATE(true),
    OPEN(false),
    CREATE(true),
    DELETE(true),
    RENAME(true),
    CREATE_DIRECTORY(true),
    FORCE_DIRECTORY(true),
    LIST(false),
    EXISTS(false),
    LOCK(false);

    private final boolean change;

    IoKind(boolean change) {
        this.change = change;
    }

    /** Whether a crash right before the call can leave another disk than one right after it. */
    public boolean isChange() {
        return change;
    }
}
