package io.millrace.btree;

import io.millrace.common.Memory;
import io.millrace.error.StorageIoException;
import io.millrace.storage.StorageFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.agrona.BufferUtil;

/** Reads a run back from the temporary file it was written to. */
final class FileRun implements SortedRun {
    private final StorageFile file;
    private final long length;
    private final ByteBuffer buffer;
    private final long address;
    private long position;
    private int at;
    private int filled;

    /** A run of {@code length} bytes, through a buffer that takes any entry. */
    FileRun(StorageFile file, long length, int bufferBytes) {
        this.file = file;
        this.length = length;
        buffer = ByteBuffer.allocateDirect(bufferBytes);
        address = BufferUtil.address(buffer);
    }

    @Override
    public long next() {
        if (rest() < EntryOrder.HEADER || rest() < EntryOrder.bytes(address + at)) {
            if (!fill()) {
                return 0;
            }
        }
        long entry = address + at;
        at += EntryOrder.bytes(entry);
        return entry;
    }

    private int rest() {
        return filled - at;
    }

    private boolean fill() {
        int kept = rest();
        if (position == length && kept == 0) {
            return false;
        }
        Memory.copy(address + at, address, kept);
        int wanted = (int) Math.min(buffer.capacity() - kept, length - position);
        try {
            buffer.clear().position(kept).limit(kept + wanted);
            if (file.read(position, buffer) < wanted) {
                throw new IOException("the temporary file is shorter than it was written");
            }
        } catch (IOException failure) {
            throw new StorageIoException("read " + file.name(), failure);
        }
        position += wanted;
        at = 0;
        filled = kept + wanted;
        return true;
    }
}
