package io.millrace.wal;

import io.millrace.common.Crc32c;
import io.millrace.storage.OpenMode;
import io.millrace.storage.StorageDirectory;
import io.millrace.storage.StorageFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

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
    static Segment prepare(StorageDirectory directory, long number, long size) throws IOException {
        StorageFile file = directory.open(SegmentLayout.fileName(number), OpenMode.CREATE);
        try {
            ByteBuffer zeros = ByteBuffer.allocateDirect((int) Math.min(FILL_BYTES, size));
            for (long at = 0; at < size; at += zeros.capacity()) {
                zeros.clear().limit((int) Math.min(zeros.capacity(), size - at));
                file.write(at, zeros);
            }
            file.force(true);
            directory.force(SegmentLayout.DIRECTORY);
            return new Segment(number, file);
        } catch (IOException failure) {
            file.close();
            directory.delete(SegmentLayout.fileName(number));
            throw failure;
        }
    }

    /** Takes over a file no longer needed, under its new number. */
    static Segment recycle(StorageDirectory directory, long former, long number) throws IOException {
        directory.rename(SegmentLayout.fileName(former), SegmentLayout.fileName(number));
        directory.force(SegmentLayout.DIRECTORY);
        return new Segment(number, directory.open(SegmentLayout.fileName(number), OpenMode.READ_WRITE));
    }

    long number() {
        return number;
    }

    StorageFile file() {
        return file;
    }

    /** Writes the header; the force of the first block covers it. */
    void begin(long storeId, int incarnation, long firstLsn, int previousChecksum) throws IOException {
        ByteBuffer header = ByteBuffer.allocateDirect(SegmentLayout.LENGTH).order(ByteOrder.LITTLE_ENDIAN);
        header.putLong(SegmentLayout.MAGIC, SegmentLayout.MAGIC_VALUE);
        header.putInt(SegmentLayout.VERSION, SegmentLayout.VERSION_VALUE);
        header.putLong(SegmentLayout.STORE_ID, storeId);
        header.putLong(SegmentLayout.NUMBER, number);
        header.putLong(SegmentLayout.FIRST_LSN, firstLsn);
        header.putInt(SegmentLayout.INCARNATION, incarnation);
        header.putInt(SegmentLayout.PREVIOUS_CHECKSUM, previousChecksum);
        header.putInt(SegmentLayout.CHECKSUM, Crc32c.of(header, 0, SegmentLayout.CHECKSUM));
        file.write(0, header);
    }

    void close() throws IOException {
        file.close();
    }
}
