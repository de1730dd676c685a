package io.millrace.error;

/** A page is damaged, and the rest of the store stays readable; or a whole file is, and the store can't be opened. */
public final class CorruptPageException extends MillraceException {

    private static final long serialVersionUID = 1L;

    /** In place of a page id: the damage is not that of one page. */
    public static final long WHOLE_FILE = -1;

    private final String file;
    private final long pageId;
    private final long pageLsn;
    private final String reason;
    private final int expectedChecksum;
    private final int foundChecksum;

    /** The file, the page, the LSN in its header (a hint only, the header may be the damage), and what is wrong. */
    public CorruptPageException(String file, long pageId, long pageLsn, String reason) {
        this(file, pageId, pageLsn, reason, 0, 0);
    }

    /** A page whose stored checksum is not the one computed over its content. */
    public CorruptPageException(String file, long pageId, long pageLsn, int expectedChecksum, int foundChecksum) {
        this(
                file,
                pageId,
                pageLsn,
                String.format("checksum 0x%08x was stored but 0x%08x is found", expectedChecksum, foundChecksum),
                expectedChecksum,
                foundChecksum);
    }

    /** A file that can't be used as it is: what is wrong with it, for example that it is missing. */
    public static CorruptPageException ofFile(String file, String reason) {
        return new CorruptPageException(file, WHOLE_FILE, 0, reason);
    }

    private CorruptPageException(
            String file, long pageId, long pageLsn, String reason, int expectedChecksum, int foundChecksum) {
        super(
                pageId == WHOLE_FILE
                        ? file + " is damaged, " + reason
                                + ": put the right file back or restore the store from a backup; nothing was changed"
                        : "page " + pageId + " of " + file + " (page LSN " + pageLsn + ") is damaged, " + reason
                                + ": restore it from a backup; other pages stay readable",
                null);
        this.file = file;
        this.pageId = pageId;
        this.pageLsn = pageLsn;
        this.reason = reason;
        this.expectedChecksum = expectedChecksum;
        this.foundChecksum = foundChecksum;
    }

    public String file() {
        return file;
    }

    /** The page, or {@link #WHOLE_FILE}. */
    public long pageId() {
        return pageId;
    }

    public long pageLsn() {
        return pageLsn;
    }

    public String reason() {
        return reason;
    }

    /** The checksum stored in the page; equal to the one found if the checksum is not what is wrong. */
    public int expectedChecksum() {
        return expectedChecksum;
    }

    /** The checksum computed over the page. */
    public int foundChecksum() {
        return foundChecksum;
    }
}
