package io.millrace.btree;

import io.millrace.buffer.DataFile;
import io.millrace.buffer.PageLayout;
import io.millrace.buffer.PageVerifier;
import io.millrace.buffer.WriteFailures;
import io.millrace.common.EngineThreads;
import io.millrace.common.Memory;
import io.millrace.error.CorruptPageException;
import io.millrace.error.IncompatibleFormatException;
import io.millrace.error.StorageIoException;
import io.millrace.recovery.ControlFile;
import io.millrace.recovery.ControlRecord;
import io.millrace.recovery.StoreFiles;
import io.millrace.storage.OpenMode;
import io.millrace.storage.StorageDirectory;
import io.millrace.storage.StorageFile;
import io.millrace.storage.StorageLock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.agrona.BufferUtil;

/**
 * The pages of a store that is not open, as they lie on disk: locked against being opened, never changed. {@link #scan} goes through the data
 * file once, from front to back. One thread.
 */
final class OfflineStore implements PageSource, AutoCloseable {
    private static final int CHUNK_BYTES = 1 << 20;

    private final String path;
    private final StorageLock lock;
    private final StorageFile data;
    private final ControlRecord control;
    private final int pageSize;
    private final PageColumns columns;
    private final ByteBuffer onePage;

    private OfflineStore(String path, StorageLock lock, StorageFile data, ControlRecord control, int pages) {
        this.path = path;
        this.lock = lock;
        this.data = data;
        this.control = control;
        pageSize = control.pageSize();
        columns = new PageColumns(pages);
        onePage = BufferUtil.allocateDirectAligned(pageSize, pageSize);
    }

    /**
     * Locks the store and looks at its control file and the data file's first page.
     *
     * @throws io.millrace.error.StoreLockedException if it is open
     * @throws CorruptPageException if the control file is damaged, or the data file another one or cut short
     * @throws IncompatibleFormatException if the directory holds no store, or one of a later format
     */
    static OfflineStore open(StorageDirectory directory) throws IOException {
        if (!directory.exists(ControlFile.NAME)) {
            throw new IncompatibleFormatException(
                    directory.describe(), "no " + ControlFile.NAME, "the directory of a store");
        }
        StorageLock lock = directory.lock(StoreFiles.LOCK);
        try {
            ControlRecord control = controlRecord(directory);
            StorageFile data = directory.open(DataFile.NAME, OpenMode.READ);
            int pages = Math.toIntExact(data.size() / control.pageSize());
            return new OfflineStore(directory.path(DataFile.NAME), lock, data, control, pages);
        } catch (IOException | RuntimeException failure) {
            lock.close();
            throw failure;
        }
    }

    private static ControlRecord controlRecord(StorageDirectory directory) throws IOException {
        ControlRecord control;
        try (ControlFile file = ControlFile.open(directory)) {
            control = file.current();
        }
        WriteFailures failures = new WriteFailures(cause -> {});
        try (DataFile file = DataFile.open(directory, control.pageSize(), failures, EngineThreads.SYSTEM)) {
            StoreFiles.checkData(file, control);
        }
        return control;
    }

    /** The data file, for messages. */
    String path() {
        return path;
    }

    @Override
    public int pageSize() {
        return pageSize;
    }

    PageColumns columns() {
        return columns;
    }

    /** Whether the pages are all there is: the last run has closed the store, so nothing waits in the log. */
    boolean isCleanlyClosed() {
        return control.cleanEndLsn() != 0 || control.incarnation() == 0;
    }

    long incarnation() {
        return control.incarnation();
    }

    /** Checks every page by itself. */
    void scan() {
        ByteBuffer chunk = BufferUtil.allocateDirectAligned(Math.max(CHUNK_BYTES, pageSize), pageSize);
        int pagesPerChunk = chunk.capacity() / pageSize;
        PageScan scan = new PageScan(chunk);
        for (int first = 0; first < columns.count(); first += pagesPerChunk) {
            int pages = Math.min(pagesPerChunk, columns.count() - first);
            read(first, chunk.clear().limit(pages * pageSize));
            chunk.clear();
            for (int i = 0; i < pages; i++) {
                scan.page(first + i, i * pageSize);
            }
        }
    }

    private void read(int page, ByteBuffer target) {
        try {
            data.read((long) page * pageSize, target);
        } catch (IOException failure) {
            throw new StorageIoException("read page " + page + " of " + path, failure);
        }
    }

    @Override
    public PageFacts facts(long pageId, Consumer<String> findings) {
        if (pageId <= 0 || pageId >= columns.count()) {
            findings.accept("lies outside of the data file");
            return PageFacts.DAMAGED;
        }
        int page = (int) pageId;
        if (!columns.isSound(page)) {
            columns.takeFindings(page).forEach(findings);
            return PageFacts.DAMAGED;
        }
        PageFacts facts = columns.facts(page);
        if (!facts.isLeaf() && !facts.isInner()) {
            findings.accept("is of kind " + facts.kind() + ", no page of a tree");
            return PageFacts.DAMAGED;
        }
        return facts;
    }

    @Override
    public boolean copyPart(long pageId, long target) {
        if (pageId <= 0 || pageId >= columns.count() || columns.kind((int) pageId) != PageLayout.KIND_LONG_VALUE) {
            return false;
        }
        copy(pageId, target);
        return true;
    }

    @Override
    public void copy(long pageId, long target) {
        read((int) pageId, onePage.clear());
        Memory.copy(BufferUtil.address(onePage), target, pageSize);
    }

    @Override
    public void close() throws IOException {
        data.close();
        lock.close();
    }

    /** Looks at the pages of a chunk. */
    private final class PageScan {
        private final ByteBuffer chunk;
        private final long address;
        private final PageCheck check;
        private int current;

        PageScan(ByteBuffer chunk) {
            this.chunk = chunk;
            address = BufferUtil.address(chunk);
            check = new PageCheck(pageSize, what -> columns.find(current, what));
        }

        void page(int pageId, int offset) {
            current = pageId;
            long page = address + offset;
            CorruptPageException damage = PageVerifier.verify(path, pageId, chunk, offset, pageSize);
            if (damage != null) {
                columns.set(pageId, PageLayout.KIND_FREE, PageLayout.treeId(page));
                columns.find(pageId, "is damaged, " + damage.reason());
                return;
            }
            if (isCleanlyClosed() && PageLayout.pageLsn(page) > control.cleanEndLsn()) {
                columns.find(
                        pageId, "has LSN " + PageLayout.pageLsn(page) + ", the log ends with " + control.cleanEndLsn());
            }
            treePage(pageId, page);
        }

        private void treePage(int pageId, long page) {
            if (!SlottedPageLayout.isLeaf(page) && !SlottedPageLayout.isInner(page)) {
                columns.set(pageId, PageLayout.kind(page), PageLayout.treeId(page));
                return;
            }
            columns.set(pageId, PageLayout.kind(page), PageLayout.treeId(page));
            check.at(page).content();
            if (columns.isSound(pageId)) {
                if (SlottedPageLayout.isLeaf(page)) {
                    check.stamps(control.incarnation());
                }
                PageFacts facts = PageFacts.of(page, pageSize);
                if (columns.isSound(pageId)) {
                    columns.set(pageId, facts);
                }
            }
        }
    }
}
