package io.millrace.buffer;

import io.millrace.error.IncompatibleFormatException;
import io.millrace.error.StorageIoException;
import io.millrace.storage.OpenMode;
import io.millrace.storage.StorageDirectory;
import io.millrace.storage.StorageFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.agrona.BufferUtil;

/**
 * Where pages are written and forced before they are written home, so that a page torn at home has a whole copy elsewhere (D7; InnoDB's
 * double-write buffer). See {@link DoubleWriteLayout}.
 *
 * <p>Life of a batch: {@link #write} (forced) - home writes - home force - {@link #retire}. Its area is used again by the batch after next, once
 * it is retired. Only the copies of unretired batches are ever written home: a retired one may be older than what the log can repeat.
 *
 * <p>Order at open: {@link #open}, {@link #readProof} with all other proofs of L10, then {@link #recover}, then batches. Thread-safe; engine
 * threads only.
 */
public final class DoubleWriteArea implements AutoCloseable {
    /** Its name in the store's directory. */
    public static final String NAME = "millrace.dwb";

    private final StorageFile file;
    private final String path;
    private final long storeId;
    private final int pageSize;
    private final WriteFailures failures;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition areaRetired = lock.newCondition();
    // Guarded by lock: the batch that occupies each area, 0 if it is retired.
    private final long[] occupant = new long[DoubleWriteLayout.AREAS];
    private long nextBatch = 1;
    private long highestPageLsn;

    private DoubleWriteArea(StorageFile file, String path, long storeId, int pageSize, WriteFailures failures) {
        this.file = file;
        this.path = path;
        this.storeId = storeId;
        this.pageSize = pageSize;
        this.failures = failures;
    }

    /** Creates the file, filled with zeros; file and directory entry are forced. */
    public static DoubleWriteArea create(
            StorageDirectory directory, long storeId, int pageSize, WriteFailures failures) {
        String path = directory.path(NAME);
        failures.check("create " + path);
        try {
            StorageFile file = directory.open(NAME, OpenMode.CREATE);
            ByteBuffer zeros = BufferUtil.allocateDirectAligned(pageSize, pageSize);
            for (long at = 0; at < DoubleWriteLayout.fileSize(pageSize); at += pageSize) {
                file.write(at, zeros.clear());
            }
            file.force(false);
            directory.force();
            return new DoubleWriteArea(file, path, storeId, pageSize, failures);
        } catch (IOException failure) {
            throw failures.failed("create " + path, failure);
        }
    }

    /**
     * Opens the existing file and reads its headers; changes nothing.
     *
     * @throws IncompatibleFormatException if a later version wrote it
     */
    public static DoubleWriteArea open(StorageDirectory directory, long storeId, int pageSize, WriteFailures failures) {
        String path = directory.path(NAME);
        try {
            StorageFile file = directory.open(NAME, OpenMode.READ_WRITE);
            DoubleWriteArea area = new DoubleWriteArea(file, path, storeId, pageSize, failures);
            area.readHeaders();
            return area;
        } catch (IOException failure) {
            throw new StorageIoException("open " + path, failure);
        }
    }

    private void readHeaders() {
        for (int area = 0; area < DoubleWriteLayout.AREAS; area++) {
            ByteBuffer header = readHeader(area);
            if (header != null) {
                nextBatch = Math.max(nextBatch, header.getLong(DoubleWriteLayout.BATCH_NUMBER) + 1);
                highestPageLsn = Math.max(highestPageLsn, header.getLong(DoubleWriteLayout.HIGHEST_PAGE_LSN));
            }
        }
    }

    /** The header of an area, or null if there is no whole one. */
    ByteBuffer readHeader(int area) {
        ByteBuffer header = BufferUtil.allocateDirectAligned(pageSize, pageSize).order(ByteOrder.LITTLE_ENDIAN);
        readInto(DoubleWriteLayout.areaOffset(area, pageSize), header);
        if (!DoubleWriteLayout.isValid(header, storeId, pageSize)) {
            return null;
        }
        int version = header.getShort(DoubleWriteLayout.VERSION);
        int flags = header.getShort(DoubleWriteLayout.FLAGS);
        if (version != DoubleWriteLayout.FORMAT_VERSION || flags != 0) {
            throw new IncompatibleFormatException(
                    path, version + " with flags " + flags, DoubleWriteLayout.FORMAT_VERSION + " with flags 0");
        }
        return header;
    }

    /** Reads the image of an entry to the start of the buffer; zeros where the file ends. */
    void readImage(int area, int entry, ByteBuffer target) {
        readInto(DoubleWriteLayout.imageOffset(area, entry, pageSize), target);
    }

    private void readInto(long position, ByteBuffer target) {
        try {
            target.clear();
            int read = file.read(position, target);
            for (int i = read; i < target.capacity(); i++) {
                target.put(i, (byte) 0);
            }
            target.clear();
        } catch (IOException failure) {
            throw new StorageIoException("read " + path, failure);
        }
    }

    /** Highest page LSN that a whole batch header knows of, 0 if none: the log was durable up to there (L10). Changes nothing. */
    public long readProof() {
        lock.lock();
        try {
            return highestPageLsn;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Writes home every copy of a batch after {@code retiredBatch} whose home page is torn or older, highest LSN first, and forces. Before anything
     * else reads the data file; may be repeated, also after a crash in the middle of it.
     *
     * @param retiredBatch from the control file
     * @return pages restored
     */
    public int recover(DataFile dataFile, long retiredBatch) {
        int restored = new TornPageRepair(this, dataFile, retiredBatch).run();
        lock.lock();
        try {
            // Everything whole is home and forced.
            nextBatch = Math.max(nextBatch, retiredBatch + 1);
        } finally {
            lock.unlock();
        }
        return restored;
    }

    /** All batches up to this one are home and forced. Each checkpoint puts it into the control file. */
    public long lastRetiredBatch() {
        lock.lock();
        try {
            long last = nextBatch - 1;
            for (long batch : occupant) {
                if (batch != 0) {
                    last = Math.min(last, batch - 1);
                }
            }
            return last;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Writes a batch to its area and forces it; waits for the batch before last to be retired.
     *
     * @return the batch's number, for {@link #retire}
     */
    long write(WriteBatch batch) {
        failures.check("write " + path);
        long number;
        lock.lock();
        try {
            while (occupant[DoubleWriteLayout.areaOf(nextBatch)] != 0) {
                areaRetired.awaitUninterruptibly();
                failures.check("write " + path);
            }
            number = nextBatch++;
            occupant[DoubleWriteLayout.areaOf(number)] = number;
            highestPageLsn = Math.max(highestPageLsn, batch.highestLsn());
            batch.seal(storeId, number, highestPageLsn);
        } finally {
            lock.unlock();
        }
        try {
            file.write(DoubleWriteLayout.areaOffset(DoubleWriteLayout.areaOf(number), pageSize), batch.wholeImage());
            file.force(false);
            return number;
        } catch (IOException failure) {
            StorageIoException error = failures.failed("write " + path, failure);
            wakeWaiters();
            throw error;
        }
    }

    /** The batch is home and forced. */
    void retire(long batchNumber) {
        lock.lock();
        try {
            occupant[DoubleWriteLayout.areaOf(batchNumber)] = 0;
            areaRetired.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** After a failure no area is retired any more: whoever waits for one looks again. */
    void wakeWaiters() {
        lock.lock();
        try {
            areaRetired.signalAll();
        } finally {
            lock.unlock();
        }
    }

    int pageSize() {
        return pageSize;
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
