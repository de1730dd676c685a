package io.millrace.error;

/** A page is damaged. The rest of the store stays readable. */
public final class CorruptPageException extends MillraceException {

    private static final long serialVersionUID = 1L;

    private final String file;
    private final long pageId;
    private final long pageLsn;
    private final String reason;

    /** The file, the page, the LSN found in its header (meaningful only as a hint), and what is wrong. */
    public CorruptPageException(String file, long pageId, long pageLsn, String reason) {
        super("page " + pageId + " of " + file + " (page LSN " + pageLsn + ") is damaged, " + reason
            + ": restore it from a backup; other pages stay readable", null);
        this.file = file;
        this.pageId = pageId;
        this.pageLsn = pageLsn;
        this.reason = reason;
    }

    /** A page whose checksum is not that of its content. */
    public static CorruptPageException checksum(String file, long pageId, long pageLsn, int expected, int found) {
        return new CorruptPageException(file, pageId, pageLsn,
            String.format("checksum 0x%08x in the header but 0x%08x over the content", expected, found));
    }

    public String file() {
        return file;
    }

    public long pageId() {
        return pageId;
    }

    public long pageLsn() {
        return pageLsn;
    }

    public String reason() {
        return reason;
    }
}
