package io.millrace.btree;

import io.millrace.buffer.DataFile;
import io.millrace.buffer.PageVerifier;
import io.millrace.common.Memory;
import io.millrace.storage.OpenMode;
import io.millrace.storage.StorageDirectory;
import io.millrace.storage.StorageFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import org.agrona.BufferUtil;

/**
 * The names of maps as the data file has them, of a store that may be open: what was written back last. A page that is damaged, or being written, is
 * left out; so what is answered helps people, and nothing may rest on it. One thread.
 */
public final class OfflineNames {
    private static final int DEEPEST = 16;

    private final StorageFile data;
    private final int pageSize;
    private final long key;
    private final Map<Long, String> names = new HashMap<>();

    private OfflineNames(StorageFile data, int pageSize) {
        this.data = data;
        this.pageSize = pageSize;
        key = Memory.allocateOwned(this, pageSize);
    }

    /** Names by the number of the tree. */
    public static Map<Long, String> read(StorageDirectory directory, int pageSize) throws IOException {
        try (StorageFile data = directory.open(DataFile.NAME, OpenMode.READ)) {
            OfflineNames offline = new OfflineNames(data, pageSize);
            offline.visit(Catalogue.ROOT_PAGE, 0);
            return offline.names;
        }
    }

    private void visit(long pageId, int depth) throws IOException {
        ByteBuffer buffer = BufferUtil.allocateDirectAligned(pageSize, pageSize);
        if (depth > DEEPEST
                || data.read(pageId * pageSize, buffer) < pageSize
                || PageVerifier.verify(data.name(), pageId, buffer, 0, pageSize) != null) {
            return;
        }
        long page = BufferUtil.address(buffer);
        if (SlottedPageLayout.isInner(page)) {
            for (int i = InnerPage.LEFTMOST; i < SlottedPageLayout.slotCount(page, pageSize); i++) {
                visit(InnerPage.child(page, pageSize, i), depth + 1);
            }
        } else if (SlottedPageLayout.isLeaf(page)) {
            LeafPage.forEachLive(page, pageSize, key, this::entry);
        }
    }

    private void entry(long name, int nameLength, long value, int valueLength) {
        TreeRef tree = Catalogue.tree(value, valueLength);
        if (tree != null && !Catalogue.isMark(name, nameLength)) {
            names.put(tree.treeId(), Catalogue.name(name, nameLength));
        }
    }
}
