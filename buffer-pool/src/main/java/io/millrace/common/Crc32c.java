package io.millrace.common;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * CRC-32C (Castagnoli), the checksum of everything on disk. Uses the machine's own instruction through the JDK and
 * allocates nothing after a thread's first call.
 *
 * <p>Thread-safe: the state is the calling thread's own.
 */
public final class Crc32c {

    private static final ThreadLocal<Crc32c> LOCAL = ThreadLocal.withInitial(Crc32c::new);

    /** Small enough to stay in the first-level cache between the copy and the checksum. */
    private static final int SCRATCH_BYTES = 8 * 1024;

    private final CRC32C crc = new CRC32C();
    private final byte[] scratch = new byte[SCRATCH_BYTES];

    private Crc32c() {}

    /**
     * Over a range of a buffer, by absolute offset. Position and limit are moved meanwhile and put back, so the buffer must
     * be the caller's own duplicate.
     */
    public static int of(ByteBuffer buffer, int offset, int length) {
        int position = buffer.position();
        int limit = buffer.limit();
        CRC32C crc = LOCAL.get().crc;
        crc.reset();
        try {
            buffer.limit(offset + length).position(offset);
            crc.update(buffer);
        } finally {
            buffer.limit(limit).position(position);
        }
        return (int) crc.getValue();
    }

    /**
     * Over raw memory. The JDK takes no addresses, so the bytes pass through a scratch array: where a buffer over the same
     * memory is at hand, {@link #of(ByteBuffer, int, int)} saves that copy.
     */
    public static int of(long address, int length) {
        Crc32c local = LOCAL.get();
        local.crc.reset();
        for (int done = 0; done < length; done += SCRATCH_BYTES) {
            int chunk = Math.min(SCRATCH_BYTES, length - done);
            Memory.copyToArray(address + done, local.scratch, 0, chunk);
            local.crc.update(local.scratch, 0, chunk);
        }
        return (int) local.crc.getValue();
    }

    /** Over an array. */
    public static int of(byte[] bytes, int offset, int length) {
        CRC32C crc = LOCAL.get().crc;
        crc.reset();
        crc.update(bytes, offset, length);
        return (int) crc.getValue();
    }
}
