package io.millrace.wal;

import java.nio.ByteBuffer;

/** Takes the blocks of the log as they are read, whole and verified, in memory of its own; {@link BlockCursor} goes through their records. */
public interface BlockConsumer {
    /**
     * Memory to read on in; the blocks that come now lie there. What was handed over before is not touched any more, unless this is the same
     * memory again.
     *
     * @return a direct buffer of at least {@link BlockLayout#MAX_LENGTH} bytes
     */
    ByteBuffer nextWindow();

    /** The next block, in the window answered last: {@code length} bytes, header included. */
    void block(long address, int length);
}
