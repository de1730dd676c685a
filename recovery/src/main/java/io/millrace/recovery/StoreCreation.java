package io.millrace.recovery;

import io.millrace.buffer.DataFile;
import io.millrace.buffer.DoubleWriteArea;
import io.millrace.buffer.PageLayout;
import io.millrace.buffer.WriteFailures;
import io.millrace.common.Crc32c;
import io.millrace.common.Memory;
import io.millrace.storage.StorageDirectory;
import io.millrace.txn.SpaceMap;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.agrona.BufferUtil;

/**
 * Creates an empty store: the meta page, the first space-map page, the root of the catalogue, an empty double-write area, and last of all the
 * control file, whose appearance makes it a store.
 */
public final class StoreCreation {
    /** Writes the first content of a page into zeroed memory, header excepted. */
    @FunctionalInterface
    public interface PageFormatter {
        /** Formats the page at {@code page}. */
        void format(long page, int pageSize, long pageId);
    }

    /** Where the catalogue's root lies. */
    public static final long CATALOGUE_ROOT = 2;

    private static final int FIRST_PAGES = 64;

    private StoreCreation() {}

    /**
     * Creates the files; engine threads only, the directory is locked.
     *
     * @param catalogueRoot formats the empty catalogue
     */
    public static void create(
            StorageDirectory directory, long storeId, int pageSize, WriteFailures failures, PageFormatter catalogueRoot)
            throws IOException {
        StoreFiles.beginCreation(directory);
        try (DataFile data = DataFile.create(directory, pageSize, failures)) {
            data.growTo(FIRST_PAGES);
            ByteBuffer buffer = ByteBuffer.allocateDirect(pageSize);
            long page = BufferUtil.address(buffer);
            MetaPage.format(page, storeId, pageSize);
            write(data, buffer, page, MetaPage.ID);
            writeSpaceMap(data, buffer, page);
            Memory.setMemory(page, pageSize, (byte) 0);
            catalogueRoot.format(page, pageSize, CATALOGUE_ROOT);
            write(data, buffer, page, CATALOGUE_ROOT);
            data.force();
        }
        DoubleWriteArea.create(directory, storeId, pageSize, failures).close();
        ControlFile.create(directory, StoreFiles.NEW_CONTROL, ControlRecord.created(storeId, pageSize, FIRST_PAGES));
        StoreFiles.endCreation(directory);
    }

    private static void writeSpaceMap(DataFile data, ByteBuffer buffer, long page) {
        Memory.setMemory(page, data.pageSize(), (byte) 0);
        PageLayout.kind(page, PageLayout.KIND_SPACE_MAP);
        Memory.putByte(page + PageLayout.BODY, (byte) 0b111);
        write(data, buffer, page, SpaceMap.mapPageOf(0, data.pageSize()));
    }

    private static void write(DataFile data, ByteBuffer buffer, long page, long pageId) {
        PageLayout.pageId(page, pageId);
        buffer.clear();
        int checksum = Crc32c.of(buffer, PageLayout.KIND, data.pageSize() - PageLayout.KIND);
        Memory.putInt(page + PageLayout.CHECKSUM, checksum);
        data.write(pageId, buffer);
    }
}
