package io.millrace.btree;

import io.millrace.common.Memory;
import io.millrace.txn.ChangeWriter;

/** A change body in native memory, for tests of page functions alone. */
final class BodyWriter implements ChangeWriter, AutoCloseable {
    private final long memory;
    private int length;

    BodyWriter(int capacity) {
        memory = Memory.allocate(capacity);
    }

    BodyWriter reset() {
        length = 0;
        return this;
    }

    long address() {
        return memory;
    }

    int length() {
        return length;
    }

    @Override
    public ChangeWriter putByte(int value) {
        Memory.putByte(memory + length, (byte) value);
        length += Byte.BYTES;
        return this;
    }

    @Override
    public ChangeWriter putShort(int value) {
        Memory.putShort(memory + length, (short) value);
        length += Short.BYTES;
        return this;
    }

    @Override
    public ChangeWriter putInt(int value) {
        Memory.putInt(memory + length, value);
        length += Integer.BYTES;
        return this;
    }

    @Override
    public ChangeWriter putLong(long value) {
        Memory.putLong(memory + length, value);
        length += Long.BYTES;
        return this;
    }

    @Override
    public ChangeWriter putStopBit(long value) {
        long rest = value;
        for (; rest > 0x7F; rest >>>= 7) {
            putByte((int) (rest & 0x7F) | 0x80);
        }
        return putByte((int) rest);
    }

    @Override
    public ChangeWriter putBytes(long address, int count) {
        Memory.copy(address, memory + length, count);
        length += count;
        return this;
    }

    @Override
    public void close() {
        Memory.free(memory);
    }
}
