package io.millrace.testkit;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** Bytes that grow when written behind their end, with zeros in between. Copies share what neither has written since. Not thread-safe. */
final class ByteStore {
    private static final int CHUNK = 4096;
    private static final byte[] ZEROS = new byte[CHUNK];

    // No chunk: zeros.
    private byte[][] chunks = new byte[0][];
    // Whether a chunk is nobody else's.
    private boolean[] own = new boolean[0];
    private int size;

    ByteStore copy() {
        ByteStore copy = new ByteStore();
        copy.chunks = chunks.clone();
        copy.own = new boolean[own.length];
        copy.size = size;
        Arrays.fill(own, false);
        return copy;
    }

    int size() {
        return size;
    }

    void write(long position, byte[] source, int offset, int length) {
        if (length > 0) {
            extend(position + length);
            int done = 0;
            while (done < length) {
                int at = (int) position + done;
                int part = Math.min(length - done, CHUNK - at % CHUNK);
                System.arraycopy(source, offset + done, writable(at / CHUNK), at % CHUNK, part);
                done += part;
            }
        }
    }

    private byte[] writable(int index) {
        if (chunks[index] == null) {
            chunks[index] = new byte[CHUNK];
        } else if (!own[index]) {
            chunks[index] = chunks[index].clone();
        }
        own[index] = true;
        return chunks[index];
    }

    /** Grows with zeros to at least this size. */
    void extend(long newSize) {
        int needed = (Math.toIntExact(newSize) + CHUNK - 1) / CHUNK;
        if (needed > chunks.length) {
            int length = Math.max(needed, chunks.length * 2);
            chunks = Arrays.copyOf(chunks, length);
            own = Arrays.copyOf(own, length);
        }
        size = Math.max(size, (int) newSize);
    }

    void truncate(long newSize) {
        if (newSize < size) {
            int last = (int) newSize / CHUNK;
            if (newSize % CHUNK != 0 && chunks[last] != null) {
                Arrays.fill(writable(last), (int) newSize % CHUNK, CHUNK, (byte) 0);
            }
            Arrays.fill(chunks, (int) (newSize + CHUNK - 1) / CHUNK, chunks.length, null);
            size = (int) newSize;
        }
    }

    int read(long position, ByteBuffer dst) {
        if (position >= size) {
            return 0;
        }
        int length = (int) Math.min(dst.remaining(), size - position);
        int done = 0;
        while (done < length) {
            int at = (int) position + done;
            int part = Math.min(length - done, CHUNK - at % CHUNK);
            byte[] chunk = chunks[at / CHUNK];
            dst.put(chunk == null ? ZEROS : chunk, at % CHUNK, part);
            done += part;
        }
        return length;
    }

    void flip(long position, int bit) {
        if (position < size) {
            writable((int) position / CHUNK)[(int) position % CHUNK] ^= (byte) (1 << bit);
        }
    }
}
