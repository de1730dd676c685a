package io.millrace.wal;

import io.millrace.common.Crc32c;
import io.millrace.common.Memory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.agrona.BufferUtil;

/** Builds one block in a preallocated direct buffer. The log thread's. */
final class BlockBuilder {
    private final ByteBuffer buffer;
    private final long address;
    private final SyncMode mode;
    private int length;
    private int records;

    BlockBuilder(int capacity, SyncMode mode) {
        this.mode = mode;
        buffer = BufferUtil.allocateDirectAligned(capacity, 4096).order(ByteOrder.LITTLE_ENDIAN);
        address = BufferUtil.address(buffer);
        begin();
    }

    void begin() {
        length = BlockLayout.HEADER_LENGTH;
        records = 0;
    }

    boolean isEmpty() {
        return records == 0;
    }

    boolean fits(int recordLength, long roomInSegment) {
        return mode.space((long) length + recordLength) <= Math.min(buffer.capacity(), roomInSegment);
    }

    /** Bytes the block takes in its segment. */
    int space() {
        return (int) mode.space(length);
    }

    int records() {
        return records;
    }

    void add(LogRing ring, long firstSequence, int recordLength) {
        ring.copyOut(firstSequence, recordLength, address + length);
        length += recordLength;
        records++;
    }

    /** Fills in header, checksum and padding. */
    void seal(
            LogStart log,
            long segment,
            long position,
            long firstLsn,
            long lastLsn,
            long forcedLsn,
            int slotBytes,
            int previous) {
        Memory.putInt(address + BlockLayout.MAGIC, BlockLayout.MAGIC_VALUE);
        Memory.putInt(address + BlockLayout.BODY_LENGTH, length - BlockLayout.HEADER_LENGTH);
        Memory.putInt(address + BlockLayout.PREVIOUS_CHECKSUM, previous);
        Memory.putLong(address + BlockLayout.STORE_ID, log.storeId());
        Memory.putLong(address + BlockLayout.SEGMENT, segment);
        Memory.putInt(address + BlockLayout.POSITION, (int) position);
        Memory.putInt(address + BlockLayout.INCARNATION, (int) log.incarnation());
        Memory.putLong(address + BlockLayout.FIRST_LSN, firstLsn);
        Memory.putLong(address + BlockLayout.LAST_LSN, lastLsn);
        Memory.putLong(address + BlockLayout.FORCED_LSN, forcedLsn);
        Memory.putInt(address + BlockLayout.RECORD_COUNT, records);
        Memory.putShort(address + BlockLayout.SLOT_SIZE, (short) (slotBytes / BlockLayout.SLOT_UNIT));
        Memory.putShort(address + BlockLayout.FLAGS, (short) (mode == SyncMode.DIRECT ? BlockLayout.FLAG_PADDED : 0));
        Memory.putLong(address + BlockLayout.FENCING_TOKEN, 0);
        buffer.clear();
        Memory.putInt(
                address + BlockLayout.CHECKSUM,
                Crc32c.of(buffer, BlockLayout.BODY_LENGTH, length - BlockLayout.BODY_LENGTH));
        Memory.setMemory(address + length, space() - length, (byte) 0);
    }

    /** What is to be written, after {@link #seal}. */
    ByteBuffer bytes() {
        return buffer.clear().limit(space());
    }

    int checksum() {
        return Memory.getInt(address + BlockLayout.CHECKSUM);
    }
}
