package io.millrace.error;

/** A file was written by another version, or with features, that this one does not know. */
public final class IncompatibleFormatException extends MillraceException {

    private static final long serialVersionUID = 1L;

    private final String file;
    private final String found;
    private final String supported;

    /** The file, what stands in it, what this version reads. */
    public IncompatibleFormatException(String file, String found, String supported) {
        super(
                file + " has format " + found + ", this version reads " + supported
                        + ": use the version that wrote it; nothing was changed",
                null);
        this.file = file;
        this.found = found;
        this.supported = supported;
    }

    public String file() {
        return file;
    }

    public String found() {
        return found;
    }

    public String supported() {
        return supported;
    }
}
