package io.millrace.recovery;

import io.millrace.buffer.DataFile;
import io.millrace.buffer.DoubleWriteArea;
import io.millrace.buffer.PageLayout;
import io.millrace.buffer.PageVerifier;
import io.millrace.buffer.WriteFailures;
import io.millrace.common.Completion;
import io.millrace.common.Crc32c;
import io.millrace.common.EngineThreads;
import io.millrace.common.Memory;
import io.millrace.error.CorruptPageException;
import io.millrace.error.StorageIoException;
import io.millrace.storage.OpenMode;
import io.millrace.storage.StorageDirectory;
import io.millrace.storage.StorageFile;
import io.millrace.wal.LogCopy;
import io.millrace.wal.LogHold;
import io.millrace.wal.LogHolder;
import io.millrace.wal.LogReader;
import io.millrace.wal.Wal;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import org.agrona.BufferUtil;

/**
 * Copies an open store, while it is written to, into an empty directory: what a crash would have left at one moment, so that opening the copy
 * repeats the log and rolls back what had not been committed.
 *
 * <ol>
 *   <li>hold the log, have a checkpoint made: every page on disk has all changes from before its restart LSN;
 *   <li>copy the pages as they are on disk, each verified, read again while it is being written;
 *   <li>take the durable LSN: no page that was copied is ahead of it (L1);
 *   <li>copy the log from where a restart would read up to that LSN;
 *   <li>write the control file, which makes the copy a store, last of all.
 * </ol>
 *
 * <p>The copy is another store: it has an id of its own, in every file, so that neither its log nor its archive can be taken for the original's.
 * Everything is forced. What fails, or is cancelled, is removed. One thread, an engine's, which it blocks.
 */
public final class Backup {
    private static final int READ_TRIES = 1000;
    private static final long RETRY_NANOS = 1_000_000;
    private static final int PAGES_AT_ONCE = 64;

    private final DataFile data;
    private final Wal wal;
    private final Checkpointer checkpointer;
    private final EngineThreads threads;
    private final StorageDirectory target;
    private final BooleanSupplier cancelled;
    private final int pageSize;
    private final long storeId;
    private long pages;
    private long highestPageLsn;
    private long endLsn;
    private boolean began;
    private long bytes;
    private int files;

    /**
     * A backup of the store with these parts.
     *
     * @param target where to; it is only closed by the caller
     * @param cancelled asked often; then {@link #run} ends soon, and answers false
     */
    public Backup(
            DataFile data,
            Wal wal,
            Checkpointer checkpointer,
            EngineThreads threads,
            StorageDirectory target,
            BooleanSupplier cancelled) {
        this.data = data;
        this.wal = wal;
        this.checkpointer = checkpointer;
        this.threads = threads;
        this.target = target;
        this.cancelled = cancelled;
        pageSize = data.pageSize();
        storeId = threads.random();
    }

    /**
     * Makes it; false if it was cancelled.
     *
     * @throws io.millrace.error.IncompatibleFormatException if the target is not empty
     * @throws CorruptPageException if a page of the store is damaged
     */
    public boolean run() throws IOException {
        StoreFiles.checkEmpty(target);
        boolean done = false;
        try (LogHold hold = wal.holdAll(LogHolder.BACKUP, 0)) {
            ControlRecord start = checkpoint();
            hold.advance(start.scanStartLsn());
            done = copyPages() && copyLog(start);
            if (done) {
                writeControl(start);
            }
            return done;
        } finally {
            // What was there before, or is made by somebody else, is not this one's.
            if (!done && began) {
                remove();
            }
        }
    }

    private ControlRecord checkpoint() {
        Completion written = new Completion(threads);
        CompletableFuture<Void> unused = checkpointer.request().whenComplete((done, failure) -> {
            if (failure == null) {
                written.complete();
            } else {
                written.fail(failure);
            }
        });
        written.await();
        return checkpointer.lastRecord();
    }

    private boolean copyPages() throws IOException {
        ByteBuffer run = BufferUtil.allocateDirectAligned(PAGES_AT_ONCE * pageSize, pageSize);
        try (StorageFile file = target.open(DataFile.NAME, OpenMode.CREATE)) {
            began = true;
            // It may grow meanwhile; what is behind its present end is in the log.
            long count = data.pageCount();
            while (pages < count) {
                if (cancelled.getAsBoolean()) {
                    return false;
                }
                int some = (int) Math.min(PAGES_AT_ONCE, count - pages);
                for (int i = 0; i < some; i++) {
                    readPage(pages + i, run, i * pageSize);
                }
                file.write(pages * pageSize, run.clear().limit(some * pageSize));
                pages += some;
            }
            file.force(true);
        }
        files++;
        return true;
    }

    /** Else pages that the log fills would lie behind the end of the copy, and be handed out once more. */
    private void growTo(long count) throws IOException {
        ByteBuffer zeros = BufferUtil.allocateDirectAligned(PAGES_AT_ONCE * pageSize, pageSize);
        try (StorageFile file = target.open(DataFile.NAME, OpenMode.READ_WRITE)) {
            while (pages < count) {
                int some = (int) Math.min(PAGES_AT_ONCE, count - pages);
                file.write(pages * pageSize, zeros.clear().limit(some * pageSize));
                pages += some;
            }
            file.force(true);
        }
        bytes += pages * pageSize;
    }

    private void readPage(long pageId, ByteBuffer into, int offset) {
        CorruptPageException damage = null;
        for (int tries = 0; tries < READ_TRIES; tries++) {
            data.read(pageId, into.clear().position(offset).limit(offset + pageSize));
            into.clear();
            damage = PageVerifier.verify(data.path(), pageId, into, offset, pageSize);
            if (damage == null) {
                adopt(pageId, into, offset);
                return;
            }
            // It is being written, unless it stays as it is.
            threads.park(this, RETRY_NANOS);
        }
        throw damage;
    }

    private void adopt(long pageId, ByteBuffer into, int offset) {
        long page = BufferUtil.address(into) + offset;
        highestPageLsn = Math.max(highestPageLsn, PageLayout.pageLsn(page));
        if (pageId == MetaPage.ID) {
            MetaPage.adopt(page, storeId);
            Memory.putInt(
                    page + PageLayout.CHECKSUM, Crc32c.of(into, offset + PageLayout.KIND, pageSize - PageLayout.KIND));
        }
    }

    private boolean copyLog(ControlRecord start) throws IOException {
        endLsn = wal.durableLsn();
        if (wal.isPoisoned()) {
            throw new StorageIoException("back up a poisoned store", wal.poisonCause());
        }
        // The file grows before the log mentions its new pages, so this length goes with that end of the log.
        growTo(data.pageCount());
        int segments = 0;
        target.createDirectory(StoreFiles.LOG_DIRECTORY);
        if (endLsn > 0) {
            try (LogReader log = wal.reader()) {
                segments = LogCopy.copy(
                        log,
                        Math.max(1, start.scanStartLsn()),
                        endLsn,
                        target,
                        storeId,
                        wal.segmentSizeBytes(),
                        cancelled);
            }
        }
        files += Math.max(0, segments);
        bytes += Math.max(0, segments) * wal.segmentSizeBytes();
        return segments >= 0;
    }

    private void writeControl(ControlRecord start) throws IOException {
        // Of the copy alone: what fails there does not concern the store.
        DoubleWriteArea.create(target, storeId, pageSize, new WriteFailures(failure -> {}))
                .close();
        ControlFile.create(
                target,
                StoreFiles.NEW_CONTROL,
                new ControlRecord(
                        storeId,
                        start.incarnation(),
                        pageSize,
                        start.restartLsn(),
                        start.scanStartLsn(),
                        endLsn,
                        highestPageLsn,
                        0,
                        pages,
                        0));
        StoreFiles.endCopy(target);
        files += 2;
        bytes += sizeOf(DoubleWriteArea.NAME) + sizeOf(ControlFile.NAME);
    }

    private long sizeOf(String name) throws IOException {
        try (StorageFile file = target.open(name, OpenMode.READ)) {
            return file.size();
        }
    }

    /** As far as it can be done. */
    private void remove() {
        List<String> names =
                new ArrayList<>(List.of(ControlFile.NAME, StoreFiles.NEW_CONTROL, DataFile.NAME, DoubleWriteArea.NAME));
        try {
            names.addAll(target.list(StoreFiles.LOG_DIRECTORY));
            for (String name : names) {
                target.delete(name);
            }
            target.force();
        } catch (IOException left) {
            System.getLogger(Backup.class.getName())
                    .log(System.Logger.Level.WARNING, "an unfinished backup can't be removed", left);
        }
    }

    /** Where it ends: everything committed up to here is in it, nothing behind. */
    public long endLsn() {
        return endLsn;
    }

    /** Bytes written. */
    public long bytes() {
        return bytes;
    }

    /** Files written. */
    public int files() {
        return files;
    }
}
