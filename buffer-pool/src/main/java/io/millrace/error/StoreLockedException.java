package io.millrace.error;

/** Another process, or another store of this process, has the directory open. */
public final class StoreLockedException extends MillraceException {

    private static final long serialVersionUID = 1L;

    private final String path;
    private final boolean sameProcess;

    /** The lock file, and whether this very process holds it. */
    public StoreLockedException(String path, boolean sameProcess) {
        super(
                "the store is in use, " + path + " is locked by " + (sameProcess ? "this process" : "another process")
                        + ": close it there first; one store is open in one place only",
                null);
        this.path = path;
        this.sameProcess = sameProcess;
    }

    public String path() {
        return path;
    }

    public boolean sameProcess() {
        return sameProcess;
    }
}
