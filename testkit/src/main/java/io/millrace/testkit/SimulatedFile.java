package io.millrace.testkit;

import io.millrace.storage.OpenFlag;
import io.millrace.storage.OpenMode;
import io.millrace.storage.StorageFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NonWritableChannelException;
import java.util.Arrays;
import java.util.Set;

/** An open file of a {@link SimulatedDirectory}; keeps its content when the name is renamed or deleted. */
final class SimulatedFile implements StorageFile {

    private final SimulatedDirectory disk;
    private final String name;
    private final SimulatedContent content;
    private final OpenMode mode;
    private final Set<OpenFlag> flags;
    private boolean closed;

    SimulatedFile(SimulatedDirectory disk, String name, SimulatedContent content, OpenMode mode, Set<OpenFlag> flags) {
        this.disk = disk;
        this.name = name;
        this.content = content;
        this.mode = mode;
        this.flags = flags;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int read(long position, ByteBuffer dst) throws IOException {
        synchronized (disk.lock()) {
            Fault fault = begin(IoKind.READ);
            checkAligned(position, dst.remaining());
            disk.raise(fault, name);
            int count = content.read(position, dst);
            disk.end(fault, IoKind.READ, name);
            return count;
        }
    }

    @Override
    public void write(long position, ByteBuffer src) throws IOException {
        synchronized (disk.lock()) {
            Fault fault = begin(IoKind.WRITE);
            checkWritable();
            checkAligned(position, src.remaining());
            if (fault == Fault.SHORT_WRITE) {
                take(position, src, disk.shortLength(src.remaining()));
            }
            disk.raise(fault, name);
            int asked = src.remaining();
            int room = disk.room(content.size(), position, asked);
            take(position, src, room);
            if (room < asked) {
                throw disk.full(name);
            }
            disk.end(fault, IoKind.WRITE, name);
        }
    }

    @Override
    public void force(boolean metadata) throws IOException {
        disk.awaitForces();
        synchronized (disk.lock()) {
            Fault fault = begin(IoKind.FORCE);
            if (fault.isError()) {
                content.forceFailed();
            }
            disk.raise(fault, name);
            content.force();
            disk.end(fault, IoKind.FORCE, name);
        }
    }

    @Override
    public long size() throws IOException {
        synchronized (disk.lock()) {
            Fault fault = begin(IoKind.SIZE);
            disk.raise(fault, name);
            disk.end(fault, IoKind.SIZE, name);
            return content.size();
        }
    }

    @Override
    public void truncate(long size) throws IOException {
        synchronized (disk.lock()) {
            Fault fault = begin(IoKind.TRUNCATE);
            checkWritable();
            disk.raise(fault, name);
            if (size < content.size()) {
                content.truncate(size);
            }
            disk.end(fault, IoKind.TRUNCATE, name);
        }
    }

    @Override
    public void close() {
        synchronized (disk.lock()) {
            if (!closed) {
                closed = true;
                disk.closed();
            }
        }
    }

    @Override
    public String toString() {
        return disk.path(name);
    }

    private Fault begin(IoKind kind) throws IOException {
        if (closed) {
            throw new ClosedChannelException();
        }
        return disk.begin(kind, name);
    }

    private void take(long position, ByteBuffer src, int length) {
        byte[] bytes = new byte[length];
        src.get(bytes);
        if (flags.contains(OpenFlag.DSYNC)) {
            content.writeThrough(position, bytes);
        } else {
            content.write(position, bytes);
        }
    }

    private void checkWritable() {
        if (mode == OpenMode.READ) {
            throw new NonWritableChannelException();
        }
    }

    private void checkAligned(long position, int length) throws IOException {
        boolean direct = flags.contains(OpenFlag.DIRECT);
        if (direct && (position % PowerLoss.SECTOR_BYTES != 0 || length % PowerLoss.SECTOR_BYTES != 0)) {
            throw new IOException("Invalid argument: " + Arrays.toString(new long[] {position, length}));
        }
    }
}
