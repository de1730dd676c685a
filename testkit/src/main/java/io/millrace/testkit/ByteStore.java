package io.millrace.testkit;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** Bytes that grow when written behind their end, with zeros in between. Not thread-safe. */
final class ByteStore {

    private byte[] bytes = new byte[0];
    private int size;

    ByteStore copy() {
        ByteStore copy = new ByteStore();
        copy.bytes = Arrays.copyOf(bytes, size);
        copy.size = size;
        return copy;
    }

    int size() {
        return size;
    }

    void write(long position, byte[] source, int offset, int length) {
        if (length > 0) {
            extend(position + length);
            System.arraycopy(source, offset, bytes, (int) position, length);
        }
    }

    /** Grows with zeros to at least this size. */
    void extend(long newSize) {
        int needed = Math.toIntExact(newSize);
        if (needed > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(needed, (int) Math.min(Integer.MAX_VALUE - 8L, bytes.length * 2L)));
        }
        size = Math.max(size, needed);
    }

    void truncate(long newSize) {
        if (newSize < size) {
            Arrays.fill(bytes, (int) newSize, size, (byte) 0);
            size = (int) newSize;
        }
    }

    int read(long position, ByteBuffer dst) {
        if (position >= size) {
            return 0;
        }
        int length = (int) Math.min(dst.remaining(), size - position);
        dst.put(bytes, (int) position, length);
        return length;
    }

    void flip(long position, int bit) {
        if (position < size) {
            bytes[(int) position] ^= (byte) (1 << bit);
        }
    }
}
