package io.millrace.buffer;

import io.millrace.error.CorruptPageException;
import java.nio.ByteBuffer;
import org.agrona.BufferUtil;

/** Tells a sound page image from a damaged one. Static functions; the image stands at the buffer's offset. */
public final class PageVerifier {
    private PageVerifier() {}

    /** What is wrong with the image of that page, or null if it is sound. */
    public static CorruptPageException verify(String file, long pageId, ByteBuffer image, int offset, int pageSize) {
        long page = BufferUtil.address(image) + offset;
        if (PageLayout.isZero(page, pageSize)) {
            return null;
        }
        int stored = PageLayout.checksum(page);
        int found = PageLayout.computeChecksum(image, offset, pageSize);
        if (stored != found) {
            return new CorruptPageException(file, pageId, PageLayout.pageLsn(page), stored, found);
        }
        long identity = PageLayout.pageId(page);
        if (identity != pageId) {
            return new CorruptPageException(file, pageId, PageLayout.pageLsn(page), "it says it is page " + identity);
        }
        return null;
    }
}
