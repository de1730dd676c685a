package io.millrace.buffer;

import io.millrace.storage.OpenFlag;
import io.millrace.storage.OpenMode;
import io.millrace.storage.StorageDirectory;
import io.millrace.storage.StorageFile;
import io.millrace.storage.StorageLock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;

/** Files in memory, with a hook before every read, write and force that may record, block or throw. Forgets nothing. */
final class MemoryDirectory implements StorageDirectory {
    enum Call {
        READ,
        WRITE,
        FORCE
    }

    /** Before the call takes effect; what it throws is the call's result. */
    interface Hook {
        void before(Call call, String name, long position, int length) throws IOException;
    }

    private final Map<String, Content> files = new ConcurrentHashMap<>();
    /** Sees the bytes of every write, little-endian, from 0. */
    volatile BiConsumer<String, ByteBuffer> written = (name, bytes) -> {};

    volatile Hook hook = (call, name, position, length) -> {};

    /** After a read has taken effect. */
    volatile Hook afterRead = (call, name, position, length) -> {};

    private static final class Content {
        private byte[] bytes = new byte[0];
        private int size;

        synchronized int read(long position, ByteBuffer dst) {
            int count = (int) Math.max(0, Math.min(dst.remaining(), size - position));
            dst.put(bytes, (int) position, count);
            return count;
        }

        synchronized void write(long position, ByteBuffer src) {
            int end = Math.toIntExact(position + src.remaining());
            if (end > bytes.length) {
                bytes = Arrays.copyOf(bytes, Math.max(end, 2 * bytes.length));
            }
            src.get(bytes, (int) position, src.remaining());
            size = Math.max(size, end);
        }
    }

    /** The bytes of a file now. */
    byte[] content(String name) {
        Content content = files.get(name);
        synchronized (content) {
            return Arrays.copyOf(content.bytes, content.size);
        }
    }

    /** Overwrites bytes of a file behind everybody's back. */
    void overwrite(String name, long position, byte[] bytes) {
        files.get(name).write(position, ByteBuffer.wrap(bytes));
    }

    /** Another directory with the same content: what is there after the process is gone. */
    MemoryDirectory copy() {
        MemoryDirectory copy = new MemoryDirectory();
        for (String name : files.keySet()) {
            Content content = new Content();
            content.write(0, ByteBuffer.wrap(content(name)));
            copy.files.put(name, content);
        }
        return copy;
    }

    @Override
    public List<String> list(String subdirectory) {
        List<String> names = new ArrayList<>(new TreeMap<>(files).keySet());
        Collections.sort(names);
        return names;
    }

    @Override
    public boolean exists(String name) {
        return files.containsKey(name);
    }

    @Override
    public StorageFile open(String name, OpenMode mode, OpenFlag... flags) throws IOException {
        if (mode == OpenMode.CREATE) {
            if (files.putIfAbsent(name, new Content()) != null) {
                throw new FileAlreadyExistsException(name);
            }
        } else if (!exists(name)) {
            throw new NoSuchFileException(name);
        }
        return new MemoryFile(name, files.get(name));
    }

    @Override
    public boolean delete(String name) {
        return files.remove(name) != null;
    }

    @Override
    public void rename(String from, String to) {
        files.put(to, files.remove(from));
    }

    @Override
    public void createDirectory(String name) {}

    @Override
    public void force(String subdirectory) {}

    @Override
    public StorageLock lock(String name) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long usableBytes() {
        return Long.MAX_VALUE;
    }

    @Override
    public String path(String name) {
        return "/memory/" + name;
    }

    @Override
    public void close() {}

    private final class MemoryFile implements StorageFile {
        private final String name;
        private final Content content;

        MemoryFile(String name, Content content) {
            this.name = name;
            this.content = content;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public int read(long position, ByteBuffer dst) throws IOException {
            int wanted = dst.remaining();
            hook.before(Call.READ, name, position, wanted);
            int read = content.read(position, dst);
            afterRead.before(Call.READ, name, position, wanted);
            return read;
        }

        @Override
        public void write(long position, ByteBuffer src) throws IOException {
            hook.before(Call.WRITE, name, position, src.remaining());
            written.accept(name, src.slice().order(ByteOrder.LITTLE_ENDIAN));
            content.write(position, src);
        }

        @Override
        public void force(boolean metadata) throws IOException {
            hook.before(Call.FORCE, name, 0, 0);
        }

        @Override
        public long size() {
            synchronized (content) {
                return content.size;
            }
        }

        @Override
        public void truncate(long size) {
            synchronized (content) {
                content.size = (int) Math.min(content.size, size);
            }
        }

        @Override
        public void close() {}
    }
}
