package io.millrace.error;

/** The store is closed or closing. Nothing was done. */
public final class StoreClosedException extends MillraceException {

    private static final long serialVersionUID = 1L;

    private final String path;

    /** The directory of the store. */
    public StoreClosedException(String path) {
        super("the store at " + path + " is closed: open it again");
        this.path = path;
    }

    public String path() {
        return path;
    }
}
