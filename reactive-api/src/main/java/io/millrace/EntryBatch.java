package io.millrace;

import io.millrace.btree.BulkLoad;
import io.millrace.txn.EncodingBuffer;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Encoded entries on their way to a {@link Load}'s thread, behind each other: key length, value length, key, value. Filled by one thread, then read by another. */
final class EntryBatch {
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int HEADER = 2 * Integer.BYTES;

    private byte[] bytes;
    private int length;
    private int entries;

    EntryBatch(int capacity) {
        bytes = new byte[capacity];
    }

    void add(EncodingBuffer key, int keyLength, EncodingBuffer value, int valueLength) {
        long needed = (long) length + HEADER + keyLength + valueLength;
        if (needed > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.toIntExact(needed));
        }
        INT.set(bytes, length, keyLength);
        INT.set(bytes, length + Integer.BYTES, valueLength);
        System.arraycopy(key.byteArray(), 0, bytes, length + HEADER, keyLength);
        System.arraycopy(value.byteArray(), 0, bytes, length + HEADER + keyLength, valueLength);
        length = (int) needed;
        entries++;
    }

    int bytes() {
        return length;
    }

    int entries() {
        return entries;
    }

    void giveTo(BulkLoad load) {
        for (int at = 0; at < length; ) {
            int keyLength = (int) INT.get(bytes, at);
            int valueLength = (int) INT.get(bytes, at + Integer.BYTES);
            load.add(bytes, at + HEADER, keyLength, valueLength);
            at += HEADER + keyLength + valueLength;
        }
    }
}
