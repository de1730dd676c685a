package io.millrace.storage;

import java.io.IOException;

/** The disk, or the quota on it, is full. What was written before still stands; a part of the failed write may, too. */
public final class NoSpaceException extends IOException {

    private static final long serialVersionUID = 1L;

    private final String path;

    /** The file that could not grow, and the operating system's own error (may be null). */
    public NoSpaceException(String path, IOException cause) {
        super("no space left for " + path + ": free disk space or raise the quota", cause);
        this.path = path;
    }

    /** The file that could not grow. */
    public String path() {
        return path;
    }
}
