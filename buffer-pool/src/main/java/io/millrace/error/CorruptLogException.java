package io.millrace.error;

/** The log is damaged where it had been durable. Opening changes nothing on the disk. */
public final class CorruptLogException extends MillraceException {

    private static final long serialVersionUID = 1L;

    private final String file;
    private final long position;
    private final long lsn;
    private final String reason;

    /** The file, the byte position in it, the LSN expected there, and what is wrong. */
    public CorruptLogException(String file, long position, long lsn, String reason) {
        super(
                "the log is damaged in " + file + " at position " + position + " (LSN " + lsn + "), " + reason
                        + ": nothing was changed; restore the file or the store from a backup",
                null);
        this.file = file;
        this.position = position;
        this.lsn = lsn;
        this.reason = reason;
    }

    public String file() {
        return file;
    }

    public long position() {
        return position;
    }

    public long lsn() {
        return lsn;
    }

    public String reason() {
        return reason;
    }
}
