package io.millrace.buffer;

import io.millrace.common.EngineLock;
import io.millrace.common.EngineThreads;
import io.millrace.error.CorruptPageException;
import io.millrace.error.StorageFullException;
import io.millrace.error.StorageIoException;
import io.millrace.storage.NoSpaceException;
import io.millrace.storage.OpenMode;
import io.millrace.storage.StorageDirectory;
import io.millrace.storage.StorageFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import org.agrona.BufferUtil;

/**
 * The file of all pages: page n at byte n times page size, nothing else in it.
 *
 * <p>Thread-safe; every method but the accessors may block, engine threads only (L12). After a failed write or force nothing is written or forced
 * again (L9), reading goes on. Running out of space while growing is the exception: nothing was promised, so the asker is told and may try later.
 */
public final class DataFile implements AutoCloseable {
    /** Its name in the store's directory. */
    public static final String NAME = "millrace.data";

    private static final int EXTENT_BYTES = 1 << 20;

    private final StorageFile file;
    private final String path;
    private final int pageSize;
    private final WriteFailures failures;
    // Guards growth. Engine threads only.
    private final EngineLock growing;
    // Written under growing, read by anybody.
    private volatile long pageCount;
    // Written under growing, read by anybody.
    private volatile long grownPages;

    private DataFile(StorageFile file, String path, int pageSize, WriteFailures failures, EngineThreads threads)
            throws IOException {
        this.file = file;
        this.path = path;
        this.pageSize = pageSize;
        this.failures = failures;
        growing = new EngineLock(threads);
        // A rest less than a page is a growth that did not finish.
        pageCount = file.size() / pageSize;
    }

    /** Creates an empty file; its directory entry is forced. To be filled by one thread, then opened again. */
    public static DataFile create(StorageDirectory directory, int pageSize, WriteFailures failures) {
        String path = directory.path(NAME);
        failures.check("create " + path);
        try {
            StorageFile file = directory.open(NAME, OpenMode.CREATE);
            DataFile created = new DataFile(file, path, pageSize, failures, EngineThreads.SYSTEM);
            directory.force();
            return created;
        } catch (IOException failure) {
            throw failures.failed("create " + path, failure);
        }
    }

    /** Opens the existing file; changes nothing. */
    public static DataFile open(
            StorageDirectory directory, int pageSize, WriteFailures failures, EngineThreads threads) {
        String path = directory.path(NAME);
        try {
            return new DataFile(directory.open(NAME, OpenMode.READ_WRITE), path, pageSize, failures, threads);
        } catch (NoSuchFileException missing) {
            throw CorruptPageException.ofFile(path, "it is missing");
        } catch (IOException failure) {
            throw new StorageIoException("open " + path, failure);
        }
    }

    /** Its name in the store's directory. */
    public String name() {
        return file.name();
    }

    /** Its full path, for messages. */
    public String path() {
        return path;
    }

    public int pageSize() {
        return pageSize;
    }

    /** Pages in the file; a page beyond reads as zeros. */
    public long pageCount() {
        return pageCount;
    }

    /**
     * Pages the file has for certain, because this run grew it to them and forced that; 0 if it did not grow. What a former run grew it to and
     * did not force may be gone after a power loss.
     */
    public long grownPages() {
        return grownPages;
    }

    /** The switch shared with the double-write area and the pool. */
    public WriteFailures failures() {
        return failures;
    }

    /**
     * Fills the buffer, which has room for exactly one page, with the page as it is on disk: not verified.
     *
     * @throws StorageIoException if the device fails
     */
    public void read(long pageId, ByteBuffer target) {
        int start = target.position();
        int read = 0;
        if (pageId < pageCount) {
            try {
                read = file.read(pageId * pageSize, target);
            } catch (IOException failure) {
                throw new StorageIoException("read page " + pageId + " of " + path, failure);
            }
        }
        for (int i = start + read; i < start + pageSize; i++) {
            target.put(i, (byte) 0);
        }
    }

    /**
     * Writes the buffer, one page, home. Durable after {@link #force}.
     *
     * @throws StorageIoException if it fails now or something failed before; final (L9)
     */
    public void write(long pageId, ByteBuffer source) {
        failures.check("write " + path);
        if (pageId < pageCount) {
            writeAt(pageId, source);
            return;
        }
        growing.lock();
        try {
            writeAt(pageId, source);
            pageCount = Math.max(pageCount, pageId + 1);
        } finally {
            growing.unlock();
        }
    }

    /**
     * Makes all writes before it durable.
     *
     * @throws StorageIoException if it fails now or something failed before; final (L9)
     */
    public void force() {
        failures.check("force " + path);
        try {
            file.force(false);
        } catch (IOException failure) {
            throw failures.failed("force " + path, failure);
        }
    }

    /**
     * Grows the file with zeros and forces it; does nothing if it has that many pages.
     *
     * @throws StorageFullException if the disk is full; the file serves on as it was, try again later
     * @throws StorageIoException on any other failure, which is final (L9)
     */
    public void growTo(long pages) {
        growing.lock();
        try {
            if (pages > pageCount) {
                failures.check("grow " + path);
                fillWithZeros(pages);
                force();
                pageCount = pages;
                grownPages = pages;
            }
        } finally {
            growing.unlock();
        }
    }

    /** Says somewhere durable that the file may be shorter than it was. */
    @FunctionalInterface
    public interface Announcement {
        /** Durable when it returns. */
        void make() throws IOException;
    }

    /**
     * Cuts the file to that many pages and forces that; does nothing if it has no more. Nobody needs what lies behind, nor writes it.
     *
     * @param announcement made before anything is cut off
     * @throws StorageIoException on any failure, which is final (L9)
     */
    public void shrinkTo(long pages, Announcement announcement) {
        growing.lock();
        try {
            if (pages < pageCount) {
                failures.check("shrink " + path);
                grownPages = Math.min(grownPages, pages);
                announcement.make();
                file.truncate(pages * pageSize);
                file.force(true);
                pageCount = pages;
            }
        } catch (IOException failure) {
            throw failures.failed("shrink " + path, failure);
        } finally {
            growing.unlock();
        }
    }

    private void fillWithZeros(long pages) {
        long end = pages * pageSize;
        ByteBuffer zeros = BufferUtil.allocateDirectAligned(
                (int) Math.min(Math.max(EXTENT_BYTES, pageSize), end - pageCount * pageSize), pageSize);
        try {
            long position = pageCount * pageSize;
            while (position < end) {
                zeros.clear().limit((int) Math.min(zeros.capacity(), end - position));
                file.write(position, zeros);
                position += zeros.limit();
            }
        } catch (NoSpaceException full) {
            throw new StorageFullException(path, end - pageCount * pageSize, full);
        } catch (IOException failure) {
            throw failures.failed("grow " + path, failure);
        }
    }

    private void writeAt(long pageId, ByteBuffer source) {
        try {
            file.write(pageId * pageSize, source);
        } catch (IOException failure) {
            throw failures.failed("write page " + pageId + " of " + path, failure);
        }
    }

    /** Closes without forcing. */
    @Override
    public void close() {
        try {
            file.close();
        } catch (IOException failure) {
            throw new StorageIoException("close " + path, failure);
        }
    }
}
