package io.millrace.wal;

import io.millrace.common.Memory;
import io.millrace.error.CorruptLogException;

/** Goes through the records of a block whose checksum has been verified, in LSN order. One thread at a time; allocates nothing. */
public final class BlockCursor {
    private long block;
    private long end;
    private int slotBytes;
    private int left;
    private long address;
    private int length;
    private long lsn;

    /** Goes before the first record. */
    public BlockCursor wrap(long blockAddress) {
        block = blockAddress;
        end = block + BlockLayout.length(block);
        slotBytes = Memory.getUnsignedShort(block + BlockLayout.SLOT_SIZE) * BlockLayout.SLOT_UNIT;
        left = Memory.getInt(block + BlockLayout.RECORD_COUNT);
        address = block + BlockLayout.HEADER_LENGTH;
        length = 0;
        lsn = Memory.getLong(block + BlockLayout.FIRST_LSN) - 1;
        return this;
    }

    /**
     * Goes to the next record; false behind the last.
     *
     * @throws CorruptLogException if the records do not fill the block: nobody has written it like that
     */
    public boolean next() {
        address += length;
        if (left <= 0) {
            if (address != end || lsn != Memory.getLong(block + BlockLayout.LAST_LSN)) {
                throw corrupt("the records of a block do not fill it");
            }
            return false;
        }
        left--;
        length = address + RecordLayout.HEADER_LENGTH <= end ? Memory.getInt(address + RecordLayout.LENGTH) : 0;
        if (length < RecordLayout.HEADER_LENGTH || length > end - address || slotBytes == 0) {
            throw corrupt("a record is longer than its block");
        }
        // Most take one; a division costs more than all the rest.
        lsn += length <= slotBytes ? 1 : RecordLayout.slots(length, slotBytes);
        return true;
    }

    private CorruptLogException corrupt(String reason) {
        return new CorruptLogException(
                SegmentLayout.fileName(Memory.getLong(block + BlockLayout.SEGMENT)),
                Integer.toUnsignedLong(Memory.getInt(block + BlockLayout.POSITION)),
                lsn,
                reason);
    }

    /** LSN of the record. */
    public long lsn() {
        return lsn;
    }

    /** Where the record begins. */
    public long address() {
        return address;
    }

    /** Its length in bytes, header included. */
    public int length() {
        return length;
    }
}
