package io.millrace.buffer;

import io.millrace.storage.StorageDirectory;
import java.nio.ByteBuffer;

/** Stub. */
public final class DataFile implements AutoCloseable {
    /** Its name in the store's directory. */
    public static final String NAME = "millrace.data";

    private DataFile() {}

    /** Creates an empty file, directory entry forced. */
    public static DataFile create(StorageDirectory directory, int pageSize, WriteFailures failures) {
        throw new UnsupportedOperationException();
    }

    /** Opens the existing file; changes nothing. */
    public static DataFile open(StorageDirectory directory, int pageSize, WriteFailures failures) {
        throw new UnsupportedOperationException();
    }

    public String name() {
        throw new UnsupportedOperationException();
    }

    /** Full path, for messages. */
    public String path() {
        throw new UnsupportedOperationException();
    }

    public int pageSize() {
        throw new UnsupportedOperationException();
    }

    public long pageCount() {
        throw new UnsupportedOperationException();
    }

    /** Reads one page to the buffer's position, zeros beyond the end. @throws io.millrace.error.StorageIoException */
    public void read(long pageId, ByteBuffer target) {
        throw new UnsupportedOperationException();
    }

    /** Writes one page; a failure is final (L9). @throws io.millrace.error.StorageIoException */
    public void write(long pageId, ByteBuffer source) {
        throw new UnsupportedOperationException();
    }

    /** Forces; a failure is final (L9). @throws io.millrace.error.StorageIoException */
    public void force() {
        throw new UnsupportedOperationException();
    }

    /**
     * Grows with zeros, forced; nothing if it has that many pages.
     *
     * @throws io.millrace.error.StorageFullException if the disk is full; the file serves on as it was
     * @throws io.millrace.error.StorageIoException on any other failure, which is final (L9)
     */
    public void growTo(long pages) {
        throw new UnsupportedOperationException();
    }

    /** The switch shared with the double-write area and the pool. */
    public WriteFailures failures() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }
}
