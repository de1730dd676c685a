package io.millrace.wal;

import io.millrace.storage.OpenMode;
import io.millrace.storage.StorageDirectory;
import io.millrace.storage.StorageFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.agrona.BufferUtil;

/** One segment file open for writing: zero-filled (or recycled) and durable in its directory before the first block. */
final class Segment {
    private static final int FILL_BYTES = 1 << 20;

    private final long number;
    private final StorageFile file;

    private Segment(long number, StorageFile file) {
        this.number = number;
        this.file = file;
    }

    /** Creates a zero-filled file, forced, its directory entry forced. */
    static Segment prepare(StorageDirectory directory, long number, long size, SyncMode mode) throws IOException {
        try (StorageFile file = directory.open(SegmentLayout.fileName(number), OpenMode.CREATE)) {
            ByteBuffer zeros = ByteBuffer.allocateDirect((int) Math.min(FILL_BYTES, size));
            for (long at = 0; at < size; at += zeros.capacity()) {
                zeros.clear().limit((int) Math.min(zeros.capacity(), size - at));
                file.write(at, zeros);
            }
            file.force(true);
            directory.force(SegmentLayout.DIRECTORY);
            return open(directory, number, mode);
        } catch (IOException failure) {
            directory.delete(SegmentLayout.fileName(number));
            throw failure;
        }
    }

    /** Takes over a file no longer needed, under its new number. */
    static Segment recycle(StorageDirectory directory, long former, long number, SyncMode mode) throws IOException {
        directory.rename(SegmentLayout.fileName(former), SegmentLayout.fileName(number));
        directory.force(SegmentLayout.DIRECTORY);
        return open(directory, number, mode);
    }

    private static Segment open(StorageDirectory directory, long number, SyncMode mode) throws IOException {
        return new Segment(number, directory.open(SegmentLayout.fileName(number), OpenMode.READ_WRITE, mode.flags()));
    }

    long number() {
        return number;
    }

    StorageFile file() {
        return file;
    }

    /** Writes the header, in a sector of its own; the force of the first block covers it. */
    void begin(long storeId, int incarnation, long firstLsn, int previousChecksum) throws IOException {
        ByteBuffer header = BufferUtil.allocateDirectAligned(SegmentLayout.FIRST_BLOCK, SegmentLayout.FIRST_BLOCK);
        header.put(SegmentLayout.header(storeId, number, incarnation, firstLsn, previousChecksum))
                .clear();
        file.write(0, header);
    }

    void close() throws IOException {
        file.close();
    }
}
