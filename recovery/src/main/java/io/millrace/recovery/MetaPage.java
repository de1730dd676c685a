package io.millrace.recovery;

import io.millrace.buffer.DataFile;
import io.millrace.buffer.PageLayout;
import io.millrace.common.Crc32c;
import io.millrace.common.Memory;
import io.millrace.error.CorruptPageException;
import io.millrace.error.IncompatibleFormatException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.agrona.BufferUtil;

/**
 * The first page of the data file: which store it belongs to, and in which format it is. Written once, when the store is created.
 *
 * <pre>
 *  0  common page header (kind: meta, page id and LSN 0)
 * 32  u64 magic    40  u64 store id    48  u32 page size    52  u32 version    56  u64 feature flags
 * </pre>
 */
final class MetaPage {
    static final long ID = 0;

    private static final long MAGIC = 0x4154_4144_4C4C_494DL; // "MILLDATA"
    private static final int VERSION = 1;

    private static final int MAGIC_AT = PageLayout.BODY;
    private static final int STORE_ID_AT = PageLayout.BODY + 8;
    private static final int PAGE_SIZE_AT = PageLayout.BODY + 16;
    private static final int VERSION_AT = PageLayout.BODY + 20;
    private static final int FEATURES_AT = PageLayout.BODY + 24;

    private MetaPage() {}

    /** Fills a zeroed page. */
    static void format(long page, long storeId, int pageSize) {
        PageLayout.kind(page, PageLayout.KIND_META);
        Memory.putLong(page + MAGIC_AT, MAGIC);
        Memory.putLong(page + STORE_ID_AT, storeId);
        Memory.putInt(page + PAGE_SIZE_AT, pageSize);
        Memory.putInt(page + VERSION_AT, VERSION);
        Memory.putLong(page + FEATURES_AT, 0);
    }

    /** Makes the page that of another store. */
    static void adopt(long page, long storeId) {
        Memory.putLong(page + STORE_ID_AT, storeId);
    }

    /**
     * Looks whether the data file is the one the control file speaks of, as long as it was, and in a format that can be read. Changes nothing.
     * Of a meta page whose checksum is wrong only the magic counts: damage to it alone keeps no other page from being read.
     *
     * @throws CorruptPageException if it is not that file, or cut short
     * @throws IncompatibleFormatException if a later version wrote it
     */
    static void check(DataFile data, ControlRecord control) {
        if (data.pageCount() < control.dataPages()) {
            throw CorruptPageException.ofFile(
                    data.path(), "it has " + data.pageCount() + " pages and had at least " + control.dataPages());
        }
        ByteBuffer page = ByteBuffer.allocateDirect(data.pageSize()).order(ByteOrder.LITTLE_ENDIAN);
        data.read(ID, page);
        if (page.getLong(MAGIC_AT) != MAGIC) {
            throw CorruptPageException.ofFile(data.path(), "it does not begin as a data file does");
        }
        int checksum = Crc32c.of(page, PageLayout.KIND, data.pageSize() - PageLayout.KIND);
        if (checksum != PageLayout.checksum(BufferUtil.address(page))) {
            return;
        }
        int version = page.getInt(VERSION_AT);
        long features = page.getLong(FEATURES_AT);
        if (version != VERSION || features != 0) {
            throw new IncompatibleFormatException(
                    data.path(),
                    "version " + version + ", feature flags 0x" + Long.toHexString(features),
                    "version " + VERSION + " without feature flags");
        }
        if (page.getLong(STORE_ID_AT) != control.storeId() || page.getInt(PAGE_SIZE_AT) != control.pageSize()) {
            throw CorruptPageException.ofFile(data.path(), "it belongs to another store");
        }
    }
}
