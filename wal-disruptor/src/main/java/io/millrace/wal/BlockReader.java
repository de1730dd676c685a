package io.millrace.wal;

import io.millrace.common.Crc32c;
import io.millrace.common.Memory;
import io.millrace.storage.StorageDirectory;
import io.millrace.storage.StorageFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Supplier;
import org.agrona.BufferUtil;

/**
 * Reads and verifies blocks, one segment file after another, through one window of memory. A block that does not name its own store, segment
 * and position, or whose checksum is wrong, is not a block. Engine threads only, one at a time.
 */
final class BlockReader implements AutoCloseable {
    /** To read ahead when everything is wanted. */
    static final int FAR = 1 << 20;
    /** To read ahead when a single block is wanted. */
    static final int NEAR = 64 << 10;

    private final LogSegments segments;
    private final long storeId;
    private final Supplier<ByteBuffer> windows;
    private final BlockCursor cursor = new BlockCursor();
    private ByteBuffer window;
    private long windowAddress;
    private int readAhead;
    private StorageFile file;
    private long segment;
    private long size;
    private long windowStart;
    private int windowLength;
    private long block;

    BlockReader(StorageDirectory directory, long storeId, int readAhead) {
        this(new LogSegments(directory, new LogIndex()), storeId, readAhead);
    }

    BlockReader(LogSegments segments, long storeId, int readAhead) {
        this(segments, storeId, readAhead, oneWindow());
    }

    /** Reads through other memory each time that the last is full. */
    BlockReader(LogSegments segments, long storeId, int readAhead, Supplier<ByteBuffer> windows) {
        this.segments = segments;
        this.storeId = storeId;
        this.readAhead = readAhead;
        this.windows = windows;
    }

    private static Supplier<ByteBuffer> oneWindow() {
        ByteBuffer only = BufferUtil.allocateDirectAligned(BlockLayout.MAX_LENGTH + BlockLayout.HEADER_LENGTH, 4096);
        return () -> only;
    }

    /** Goes to another segment; stays if it is open already. */
    void open(long number) throws IOException {
        if (file != null && segment == number) {
            return;
        }
        close();
        segment = number;
        window = null;
        windowStart = 0;
        windowLength = 0;
        file = segments.open(number);
        size = file.size();
    }

    /** What stands on disk may have changed since it was read. */
    void forget() {
        windowLength = 0;
    }

    void readAhead(int bytes) {
        readAhead = bytes;
    }

    long segment() {
        return segment;
    }

    long size() {
        return size;
    }

    String path() {
        return segments.path(segment);
    }

    /** The segment's header as it stands on disk, or null if the file is too short for one. */
    ByteBuffer header() throws IOException {
        ByteBuffer header = ByteBuffer.allocateDirect(SegmentLayout.LENGTH).order(ByteOrder.LITTLE_ENDIAN);
        return file.read(0, header) < SegmentLayout.LENGTH ? null : header;
    }

    /** Whether a valid block stands at {@code position}; if so the accessors describe it. */
    boolean isBlock(long position) throws IOException {
        if (!load(position, BlockLayout.HEADER_LENGTH)) {
            return false;
        }
        long header = address(position);
        int bodyLength = Memory.getInt(header + BlockLayout.BODY_LENGTH);
        if (Memory.getInt(header + BlockLayout.MAGIC) != BlockLayout.MAGIC_VALUE
                || Memory.getLong(header + BlockLayout.STORE_ID) != storeId
                || Memory.getLong(header + BlockLayout.SEGMENT) != segment
                || Integer.toUnsignedLong(Memory.getInt(header + BlockLayout.POSITION)) != position
                || bodyLength <= 0
                || bodyLength > BlockLayout.MAX_LENGTH - BlockLayout.HEADER_LENGTH) {
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

    /** What stands where no valid block does, in words. */
    String describe(long position) throws IOException {
        if (!load(position, BlockLayout.HEADER_LENGTH)) {
            return "the file ends there";
        }
        long header = address(position);
        if (Memory.getInt(header + BlockLayout.MAGIC) != BlockLayout.MAGIC_VALUE) {
            return Memory.getLong(header) == 0 && Memory.getLong(header + BlockLayout.SEGMENT) == 0
                    ? "nothing has been written there"
                    : "what stands there is no block, but left from the file's former use, or torn";
        }
        boolean own = Memory.getLong(header + BlockLayout.STORE_ID) == storeId
                && Memory.getLong(header + BlockLayout.SEGMENT) == segment
                && Integer.toUnsignedLong(Memory.getInt(header + BlockLayout.POSITION)) == position;
        return own
                ? "the block there is torn, or does not continue the log"
                : "a block of the file's former use stands there";
    }

    /** First position at or behind {@code from} where a valid block stands, or -1. Looks at every byte. */
    long search(long from) throws IOException {
        for (long at = nextMagic(from); at >= 0; at = nextMagic(at + 1)) {
            if (isBlock(at)) {
                return at;
            }
        }
        return -1;
    }

    private long nextMagic(long from) throws IOException {
        long at = from;
        while (load(at, BlockLayout.HEADER_LENGTH)) {
            long end = windowAddress + windowLength - Integer.BYTES;
            for (long address = address(at); address <= end; address++) {
                // Segments are mostly zeros: no magic begins in any of these.
                while (address <= end - Long.BYTES && Memory.getLong(address) == 0) {
                    address += Long.BYTES;
                }
                if (Memory.getInt(address) == BlockLayout.MAGIC_VALUE) {
                    return windowStart + (address - windowAddress);
                }
            }
            at = windowStart + windowLength - Integer.BYTES + 1;
        }
        return -1;
    }

    /** Brings bytes into the window; false if the file ends before. */
    private boolean load(long position, int length) throws IOException {
        if (position >= windowStart && position + length <= windowStart + windowLength) {
            return true;
        }
        if (position + length > size) {
            return false;
        }
        if (window == null
                || position < windowStart
                || position > windowStart + windowLength
                || position + length > windowStart + window.capacity()) {
            turn(position);
        }
        int missing = (int) (position + length - windowStart) - windowLength;
        int wanted = Math.min(window.capacity() - windowLength, Math.max(missing, readAhead));
        long from = windowStart + windowLength;
        window.clear().limit(windowLength + (int) Math.min(wanted, size - from)).position(windowLength);
        windowLength += file.read(from, window);
        return position + length <= windowStart + windowLength;
    }

    /** Goes on in the next window, with what this one already has from {@code position} on at its front. */
    private void turn(long position) {
        long end = windowStart + windowLength;
        int kept = position >= windowStart && position < end ? (int) (end - position) : 0;
        long from = address(position);
        window = windows.get();
        windowAddress = BufferUtil.address(window);
        if (kept > 0) {
            Memory.copy(from, windowAddress, kept);
        }
        windowStart = position;
        windowLength = kept;
    }

    private long address(long position) {
        return windowAddress + (position - windowStart);
    }

    int length() {
        return BlockLayout.length(block);
    }

    /** Bytes to the next block. */
    int space() {
        boolean padded = (Memory.getUnsignedShort(block + BlockLayout.FLAGS) & BlockLayout.FLAG_PADDED) != 0;
        return (int) (padded ? SyncMode.DIRECT : SyncMode.FORCE).space(length());
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

    /** Where the block begins in memory. */
    long address() {
        return block;
    }

    /** Hands the block's records from {@code fromLsn} to {@code toLsn} to {@code consumer}; answers how many those were. */
    int records(long fromLsn, long toLsn, RecordConsumer consumer) {
        cursor.wrap(block);
        int taken = 0;
        while (cursor.next()) {
            if (cursor.lsn() >= fromLsn && cursor.lsn() <= toLsn) {
                consumer.record(cursor.lsn(), cursor.address(), cursor.length());
                taken++;
            }
        }
        return taken;
    }

    /** A copy of the bytes of the block last found valid, for rewriting. */
    ByteBuffer copy() {
        ByteBuffer copy = ByteBuffer.allocateDirect(length());
        Memory.copy(block, BufferUtil.address(copy), copy.capacity());
        return copy;
    }

    @Override
    public void close() throws IOException {
        if (file != null) {
            StorageFile open = file;
            file = null;
            open.close();
        }
    }
}
