package io.millrace.error;

/** The operating system failed an operation. A failed write or force is final until the store is opened again. */
public final class StorageIoException extends MillraceException {

    private static final long serialVersionUID = 1L;

    private final String what;

    /** What was being done and to what ("force wal/..."), and the error of the operating system. */
    public StorageIoException(String what, Throwable cause) {
        super("cannot " + what + ": check the device, then close and open the store", cause);
        this.what = what;
    }

    public String what() {
        return what;
    }
}
