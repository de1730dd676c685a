package io.millrace.wal;

import io.millrace.common.Memory;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.bytes.BytesStore;
import net.openhft.chronicle.bytes.PointerBytesStore;

/**
 * Encodes records, before they are claimed, into preallocated native memory: a Chronicle {@code Bytes} laid over it, unchecked behind one
 * capacity check per value. One thread at a time; allocates nothing after construction.
 */
public final class RecordWriter {
    private static final int LARGEST_NUMBER = 10;

    private final long address;
    private final int capacity;
    private final Bytes<?> bytes;

    /** A writer for records of at most {@code capacity} bytes. */
    public RecordWriter(int capacity) {
        this.capacity = capacity;
        address = Memory.allocateOwned(this, capacity);
        PointerBytesStore memory = BytesStore.nativePointer();
        memory.set(address, capacity);
        bytes = memory.bytesForWrite().unchecked(true);
    }

    /** Begins a new record. */
    public RecordWriter reset() {
        bytes.clear();
        return this;
    }

    /** Where the record begins. */
    public long address() {
        return address;
    }

    /** Bytes written so far. */
    public int position() {
        return (int) bytes.writePosition();
    }

    /** Writes one byte. */
    public RecordWriter putByte(int value) {
        ensure(Byte.BYTES);
        bytes.writeByte((byte) value);
        return this;
    }

    /** Writes two bytes. */
    public RecordWriter putShort(int value) {
        ensure(Short.BYTES);
        bytes.writeShort((short) value);
        return this;
    }

    /** Writes four bytes. */
    public RecordWriter putInt(int value) {
        ensure(Integer.BYTES);
        bytes.writeInt(value);
        return this;
    }

    /** Writes eight bytes. */
    public RecordWriter putLong(long value) {
        ensure(Long.BYTES);
        bytes.writeLong(value);
        return this;
    }

    /** Writes a non-negative number, seven bits a byte. */
    public RecordWriter putStopBit(long value) {
        ensure(LARGEST_NUMBER);
        bytes.writeStopBit(value);
        return this;
    }

    /** Copies raw memory. */
    public RecordWriter putBytes(long source, int length) {
        ensure(length);
        Memory.copy(source, address + bytes.writePosition(), length);
        bytes.writeSkip(length);
        return this;
    }

    /** Overwrites eight bytes written before. */
    public void patchLong(int position, long value) {
        Memory.putLong(address + position, value);
    }

    /** Overwrites four bytes written before. */
    public void patchInt(int position, int value) {
        Memory.putInt(address + position, value);
    }

    /** Overwrites two bytes written before. */
    public void patchShort(int position, int value) {
        Memory.putShort(address + position, (short) value);
    }

    /** Overwrites one byte written before. */
    public void patchByte(int position, int value) {
        Memory.putByte(address + position, (byte) value);
    }

    private void ensure(int length) {
        if (bytes.writePosition() + length > capacity) {
            throw new IllegalStateException("record longer than " + capacity + " bytes");
        }
    }
}
