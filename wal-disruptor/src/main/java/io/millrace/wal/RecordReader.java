package io.millrace.wal;

import io.millrace.common.Memory;
import io.millrace.error.CorruptLogException;

/**
 * A cursor over one record in raw memory, the counterpart of {@link RecordWriter}. Never reads behind the record's end: a value that would is a
 * {@link CorruptLogException}. One thread at a time; allocates nothing.
 */
public final class RecordReader {
    private static final int LARGEST_SHIFT = 56;

    private long lsn;
    private long start;
    private long at;
    private long end;

    /** Goes to the first byte behind a record's header. */
    public RecordReader wrap(long recordLsn, long address, int length) {
        lsn = recordLsn;
        start = address;
        at = address;
        end = address + length;
        take(RecordLayout.HEADER_LENGTH);
        return this;
    }

    /** LSN of the record. */
    public long lsn() {
        return lsn;
    }

    /** Length of the record, header included. */
    public int length() {
        return (int) (end - start);
    }

    /** What the record is. */
    public RecordKind kind() {
        int code = Memory.getUnsignedByte(start + RecordLayout.KIND);
        RecordKind kind = RecordKind.of(code);
        if (kind == null) {
            throw damaged("no record kind has code " + code);
        }
        return kind;
    }

    /** See {@link RecordLayout}. */
    public int flags() {
        return Memory.getUnsignedByte(start + RecordLayout.FLAGS);
    }

    /** Number of page changes. */
    public int changeCount() {
        return Memory.getUnsignedShort(start + RecordLayout.CHANGE_COUNT);
    }

    /** Bytes from the beginning of the record. */
    public int position() {
        return (int) (at - start);
    }

    /** Bytes left. */
    public int remaining() {
        return (int) (end - at);
    }

    /** Reads one byte, unsigned. */
    public int getByte() {
        return Memory.getUnsignedByte(take(Byte.BYTES));
    }

    /** Reads two bytes, unsigned. */
    public int getShort() {
        return Memory.getUnsignedShort(take(Short.BYTES));
    }

    /** Reads four bytes. */
    public int getInt() {
        return Memory.getInt(take(Integer.BYTES));
    }

    /** Reads eight bytes. */
    public long getLong() {
        return Memory.getLong(take(Long.BYTES));
    }

    /** Reads a non-negative number written by {@link RecordWriter#putStopBit}. */
    public long getStopBit() {
        long value = 0;
        for (int shift = 0; shift <= LARGEST_SHIFT; shift += 7) {
            byte next = Memory.getByte(take(Byte.BYTES));
            value |= (long) (next & 0x7F) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw damaged("a number is longer than nine bytes");
    }

    /** Skips bytes; answers the address of the first. */
    public long getBytes(int length) {
        return take(length);
    }

    private long take(int bytes) {
        if (bytes < 0 || bytes > end - at) {
            throw damaged("a value of " + bytes + " bytes reaches beyond its end");
        }
        long address = at;
        at += bytes;
        return address;
    }

    private CorruptLogException damaged(String reason) {
        return new CorruptLogException("the record", at - start, lsn, reason);
    }
}
