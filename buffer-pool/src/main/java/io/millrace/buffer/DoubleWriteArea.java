package io.millrace.buffer;

import io.millrace.common.EngineThreads;
import io.millrace.common.Sleepers;
import io.millrace.error.CorruptPageException;
import io.millrace.error.IncompatibleFormatException;
import io.millrace.error.StorageIoException;
import io.millrace.storage.OpenMode;
import io.millrace.storage.StorageDirectory;
import io.millrace.storage.StorageFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.NoSuchFileException;
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
    // Who waits for an area to be retired.
    private final Sleepers sleepers;
    // Guarded by lock: the batch that occupies each area, 0 if it is retired.
    private final long[] occupant = new long[DoubleWriteLayout.AREAS];
    private long nextBatch = 1;
    private long highestPageLsn;

    private DoubleWriteArea(
            StorageFile file, String path, long storeId, int pageSize, WriteFailures failures, EngineThreads threads) {
        this.file = file;
        this.path = path;
        this.storeId = storeId;
        this.pageSize = pageSize;
        this.failures = failures;
        sleepers = new Sleepers(threads);
    }

    /** Creates the file, filled with zeros; file and directory entry are forced. To be opened again for use. */
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
            return new DoubleWriteArea(file, path, storeId, pageSize, failures, EngineThreads.SYSTEM);
        } catch (IOException failure) {
            throw failures.failed("create " + path, failure);
        }
    }

    /**
     * Opens the existing file and reads its headers; changes nothing.
     *
     * @throws IncompatibleFormatException if a later version wrote it
     * @throws CorruptPageException if it is missing, too short, or not this store's
     */
    public static DoubleWriteArea open(
            StorageDirectory directory, long storeId, int pageSize, WriteFailures failures, EngineThreads threads) {
        String path = directory.path(NAME);
        StorageFile file;
        try {
            file = directory.open(NAME, OpenMode.READ_WRITE);
        } catch (NoSuchFileException missing) {
            throw CorruptPageException.ofFile(path, "it is missing");
        } catch (IOException failure) {
            throw new StorageIoException("open " + path, failure);
        }
        DoubleWriteArea area = new DoubleWriteArea(file, path, storeId, pageSize, failures, threads);
        try {
            area.checkLength();
            area.readHeaders();
            return area;
        } catch (RuntimeException failure) {
            area.close();
            throw failure;
        }
    }

    /** It has its full length from its creation on. */
    private void checkLength() {
        try {
            long length = file.size();
            long wanted = DoubleWriteLayout.fileSize(pageSize);
            if (length < wanted) {
                throw CorruptPageException.ofFile(path, "it has " + length + " bytes and must have " + wanted);
            }
        } catch (IOException failure) {
            throw new StorageIoException("read " + path, failure);
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
        long magic = header.getLong(DoubleWriteLayout.MAGIC_AT);
        if (magic != DoubleWriteLayout.MAGIC && magic != 0) {
            // No write tears so small a piece.
            throw CorruptPageException.ofFile(path, "area " + area + " does not begin as a double-write area does");
        }
        if (!DoubleWriteLayout.isWhole(header, pageSize)) {
            return null;
        }
        int version = header.getShort(DoubleWriteLayout.VERSION);
        int flags = header.getShort(DoubleWriteLayout.FLAGS);
        if (version != DoubleWriteLayout.FORMAT_VERSION || flags != 0) {
            throw new IncompatibleFormatException(
                    path,
                    "version " + version + ", feature flags 0x" + Integer.toHexString(flags),
                    "version " + DoubleWriteLayout.FORMAT_VERSION + " without feature flags");
        }
        if (!DoubleWriteLayout.belongsTo(header, storeId, pageSize)) {
            throw CorruptPageException.ofFile(path, "it belongs to another store");
        }
        return header;
    }

    /** Reads the image of an entry to the start of the buffer; zeros where the file ends. */
    void readImage(int area, int entry, ByteBuffer target) {
        readInto(DoubleWriteLayout.imageOffset(area, entry, pageSize), target);
    }

    /**
     * Writes an area's header and images over themselves. What can be read may be known to the page cache only: its writer was killed before it
     * had forced it, or its force had failed (L9). Durable after {@link #force}.
     */
    void rewrite(int area, int images) {
        ByteBuffer page = BufferUtil.allocateDirectAligned(pageSize, pageSize);
        long start = DoubleWriteLayout.areaOffset(area, pageSize);
        try {
            for (long at = start; at <= start + (long) images * pageSize; at += pageSize) {
                readInto(at, page);
                file.write(at, page);
            }
        } catch (IOException failure) {
            throw failures.failed("write " + path, failure);
        }
    }

    void force() {
        try {
            file.force(false);
        } catch (IOException failure) {
            throw failures.failed("force " + path, failure);
        }
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
     * Writes home every copy of a batch after {@code retiredBatch} whose home page is not newer, highest LSN first, and forces. Before anything
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
        sleepers.await(() -> tryOccupy(batch));
        long number = batch.number();
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

    private boolean tryOccupy(WriteBatch batch) {
        failures.check("write " + path);
        lock.lock();
        try {
            int area = DoubleWriteLayout.areaOf(nextBatch);
            if (occupant[area] != 0) {
                return false;
            }
            occupant[area] = nextBatch;
            highestPageLsn = Math.max(highestPageLsn, batch.highestLsn());
            batch.seal(storeId, nextBatch++, highestPageLsn);
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** The batch is home and forced. */
    void retire(long batchNumber) {
        lock.lock();
        try {
            occupant[DoubleWriteLayout.areaOf(batchNumber)] = 0;
        } finally {
            lock.unlock();
        }
        sleepers.wakeAll();
    }

    /** After a failure no area is retired any more: whoever waits for one looks again. */
    void wakeWaiters() {
        sleepers.wakeAll();
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
