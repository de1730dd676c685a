package io.millrace.recovery;

import java.nio.ByteBuffer;
import org.agrona.collections.LongArrayList;

/** A piece of memory with blocks of the log in it, whole and verified. Filled by the reader, read by all workers, handed over by {@link LogWindows}. */
final class LogWindow {
    private final ByteBuffer buffer;
    private final LongArrayList blocks = new LongArrayList();

    LogWindow(ByteBuffer buffer) {
        this.buffer = buffer;
    }

    ByteBuffer buffer() {
        return buffer;
    }

    void clear() {
        blocks.clear();
    }

    /** A block stands at this address. */
    void add(long block) {
        blocks.addLong(block);
    }

    int count() {
        return blocks.size();
    }

    /** Address of a block. */
    long block(int index) {
        return blocks.getLong(index);
    }
}
