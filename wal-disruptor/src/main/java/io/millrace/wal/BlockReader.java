package io.millrace.wal;

import io.millrace.common.Crc32c;
import io.millrace.common.Memory;
import io.millrace.error.CorruptLogException;
import io.millrace.storage.OpenMode;
import io.millrace.storage.StorageDirectory;
import io.millrace.storage.StorageFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.agrona.BufferUtil;

/**
 * Reads and verifies blocks of one segment file through a large window. A block that does not name its own store, segment and position, or whose
 * checksum is wrong, is not a block. Engine threads only, one at a time.
 */
final class BlockReader implements AutoCloseable {
    private static final int WINDOW = 1 << 20;

    private final StorageFile file;
    private final long storeId;
    private final long segment;
    private final long size;
    private ByteBuffer window = allocate(WINDOW);
    private long windowStart;
    private int windowLength;
    private long block;

    BlockReader(StorageDirectory directory, long storeId, long segment) throws IOException {
        this.storeId = storeId;
        this.segment = segment;
        file = directory.open(SegmentLayout.fileName(segment), OpenMode.READ);
        size = file.size();
    }

    private static ByteBuffer allocate(int bytes) {
        return BufferUtil.allocateDirectAligned(bytes, 4096).order(ByteOrder.LITTLE_ENDIAN);
    }

    long segment() {
        return segment;
    }

    long size() {
        return size;
    }

    /** Whether a valid block stands at {@code position}; if so the accessors describe it. */
    boolean isBlock(long position) throws IOException {
        if (position + BlockLayout.HEADER_LENGTH > size || !load(position, BlockLayout.HEADER_LENGTH)) {
            return false;
        }
        long header = address(position);
        int bodyLength = Memory.getInt(header + BlockLayout.BODY_LENGTH);
        if (Memory.getInt(header + BlockLayout.MAGIC) != BlockLayout.MAGIC_VALUE
                || Memory.getLong(header + BlockLayout.STORE_ID) != storeId
                || Memory.getLong(header + BlockLayout.SEGMENT) != segment
                || Integer.toUnsignedLong(Memory.getInt(header + BlockLayout.POSITION)) != position
                || bodyLength <= 0
                || position + BlockLayout.HEADER_LENGTH + bodyLength > size) {
            return false;
        }
        int length = BlockLayout.HEADER_LENGTH + bodyLength;
        if (!load(position, length)) {
            return false;
        }
        block = address(position);
        int from = (int) (position - windowStart);
        int checksum = Crc32c.of(window, from + BlockLayout.BODY_LENGTH, length - BlockLayout.BODY_LENGTH);
        return checksum == checksum();
    }

    /** First position at or behind {@code from} where a valid block stands, or -1. Looks at every byte. */
    long search(long from) throws IOException {
        for (long at = from; at + BlockLayout.HEADER_LENGTH <= size; at++) {
            at = nextMagic(at);
            if (at < 0) {
                return -1;
            }
            if (isBlock(at)) {
                return at;
            }
        }
        return -1;
    }

    private long nextMagic(long from) throws IOException {
        for (long at = from; at + BlockLayout.HEADER_LENGTH <= size; ) {
            if (!load(at, BlockLayout.HEADER_LENGTH)) {
                return -1;
            }
            int last = windowLength - Integer.BYTES;
            long base = BufferUtil.address(window);
            for (int i = (int) (at - windowStart); i <= last; i++) {
                if (Memory.getInt(base + i) == BlockLayout.MAGIC_VALUE) {
                    return windowStart + i;
                }
            }
            at = windowStart + last + 1;
        }
        return -1;
    }

    private boolean load(long position, int length) throws IOException {
        if (position >= windowStart && position + length <= windowStart + windowLength) {
            return true;
        }
        if (length > window.capacity()) {
            window = allocate(Integer.highestOneBit(length) << 1);
        }
        window.clear().limit((int) Math.min(window.capacity(), size - position));
        windowLength = file.read(position, window);
        windowStart = position;
        return windowLength >= length;
    }

    private long address(long position) {
        return BufferUtil.address(window) + (position - windowStart);
    }

    int length() {
        return BlockLayout.HEADER_LENGTH + Memory.getInt(block + BlockLayout.BODY_LENGTH);
    }

    int checksum() {
        return Memory.getInt(block + BlockLayout.CHECKSUM);
    }

    int previousChecksum() {
        return Memory.getInt(block + BlockLayout.PREVIOUS_CHECKSUM);
    }

    long firstLsn() {
        return Memory.getLong(block + BlockLayout.FIRST_LSN);
    }

    long lastLsn() {
        return Memory.getLong(block + BlockLayout.LAST_LSN);
    }

    long forcedLsn() {
        return Memory.getLong(block + BlockLayout.FORCED_LSN);
    }

    int incarnation() {
        return Memory.getInt(block + BlockLayout.INCARNATION);
    }

    /** Hands the block's records at or above {@code fromLsn} to {@code consumer}. */
    void records(long fromLsn, long toLsn, RecordConsumer consumer, String path, long position) {
        int slotBytes = Memory.getUnsignedShort(block + BlockLayout.SLOT_SIZE) * BlockLayout.SLOT_UNIT;
        int count = Memory.getInt(block + BlockLayout.RECORD_COUNT);
        long end = block + length();
        long at = block + BlockLayout.HEADER_LENGTH;
        long lsn = firstLsn() - 1;
        for (int i = 0; i < count; i++) {
            int length = at + RecordLayout.HEADER_LENGTH <= end ? Memory.getInt(at + RecordLayout.LENGTH) : 0;
            if (length < RecordLayout.HEADER_LENGTH || at + length > end || slotBytes == 0) {
                throw new CorruptLogException(path, position, lsn, "a record is longer than its block");
            }
            lsn += (length + slotBytes - 1) / slotBytes;
            if (lsn >= fromLsn && lsn <= toLsn) {
                consumer.record(lsn, at, length);
            }
            at += length;
        }
    }

    /** Copies {@code length} bytes at {@code position} out, for rewriting. */
    ByteBuffer bytes(long position, int length) throws IOException {
        ByteBuffer copy = allocate(length);
        file.read(position, copy);
        copy.flip();
        return copy;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
