package io.millrace.error;

/** The disk is full. The store goes on serving reads, and writes again by itself once there is room. */
public final class StorageFullException extends MillraceException {

    private static final long serialVersionUID = 1L;

    private final String path;
    private final long neededBytes;

    /** What could not grow, the bytes it needs, and the operating system's error (may be null). */
    public StorageFullException(String path, long neededBytes, Throwable cause) {
        super(
                "the disk is full: " + path + " needs " + neededBytes
                        + " bytes more; free some space, the store resumes by itself, reads go on",
                cause);
        this.path = path;
        this.neededBytes = neededBytes;
    }

    /** There is no open store that could resume: what could not be written, and why. */
    public StorageFullException(String path, Throwable cause) {
        super("the disk is full: there is no room for " + path + "; free some space, then open the store again", cause);
        this.path = path;
        this.neededBytes = 0;
    }

    /** The file or directory that could not grow. */
    public String path() {
        return path;
    }

    /** What it needs, 0 if that is not known. */
    public long neededBytes() {
        return neededBytes;
    }
}
