package io.millrace.buffer;

import io.millrace.storage.StorageDirectory;

/** Stub. */
public final class DoubleWriteArea implements AutoCloseable {
    /** Its name in the store's directory. */
    public static final String NAME = "millrace.dwb";

    private DoubleWriteArea() {}

    /** Creates the file, zero-filled and forced. */
    public static DoubleWriteArea create(
            StorageDirectory directory, long storeId, int pageSize, WriteFailures failures) {
        throw new UnsupportedOperationException();
    }

    /** Opens the existing file and reads its headers; changes nothing. */
    public static DoubleWriteArea open(StorageDirectory directory, long storeId, int pageSize, WriteFailures failures) {
        throw new UnsupportedOperationException();
    }

    /** Highest page LSN that a valid batch header knows of; 0 if none. A proof for L10. Changes nothing. */
    public long readProof() {
        throw new UnsupportedOperationException();
    }

    /**
     * Writes home every copy of a batch after {@code retiredBatch} whose home page is torn or older, and forces. Call before anything else reads
     * the data file; repeatable.
     *
     * @return pages restored
     */
    public int recover(DataFile dataFile, long retiredBatch) {
        throw new UnsupportedOperationException();
    }

    /** All batches up to this one are home and forced; goes into the control file with each checkpoint. */
    public long lastRetiredBatch() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }
}
