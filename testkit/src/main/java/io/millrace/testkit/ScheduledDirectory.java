package io.millrace.testkit;

import io.millrace.storage.OpenFlag;
import io.millrace.storage.OpenMode;
import io.millrace.storage.StorageDirectory;
import io.millrace.storage.StorageFile;
import io.millrace.storage.StorageLock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * The disk of a simulated machine: a {@link SimulatedDirectory} at each call of which, before and after it, another thread may run; changes
 * take their time. When the disk stops, so do the {@link SimulatedThreads}. Every call enters the trace.
 */
public final class ScheduledDirectory implements StorageDirectory {
    private static final long FORCE_NANOS = 400_000;
    private static final long CHANGE_NANOS = 20_000;

    /** Looks at each call before it is made. */
    public interface Observer {
        /**
         * A call on the disk is about to be made.
         *
         * @param bytes what a write is going to write; null with other calls; not to be moved
         */
        void calls(IoKind kind, String name, long position, ByteBuffer bytes);
    }

    @FunctionalInterface
    private interface Call<T> {
        T make() throws IOException;
    }

    private final SimulatedDirectory disk;
    private final SimulatedThreads threads;
    private final Observer observer;

    /** The disk, as the machine's threads see it. */
    public ScheduledDirectory(SimulatedDirectory disk, SimulatedThreads threads, Observer observer) {
        this.disk = disk;
        this.threads = threads;
        this.observer = observer;
    }

    private <T> T call(IoKind kind, String name, Call<T> call) throws IOException {
        return call(kind, name, 0, null, call);
    }

    private <T> T call(IoKind kind, String name, long position, ByteBuffer bytes, Call<T> call) throws IOException {
        threads.offer();
        int length = bytes == null ? 0 : bytes.remaining();
        observer.calls(kind, name, position, bytes);
        threads.note(kind.name().hashCode() * 31L + name.hashCode());
        threads.note(position * 31 + length);
        try {
            return call.make();
        } catch (SimulatedCrash crash) {
            threads.stop();
            throw crash;
        } finally {
            after(kind);
        }
    }

    private void after(IoKind kind) {
        if (threads.isStopped()) {
            return;
        }
        if (kind == IoKind.FORCE || kind == IoKind.FORCE_DIRECTORY) {
            threads.rest(FORCE_NANOS);
        } else if (kind.isChange()) {
            threads.rest(CHANGE_NANOS);
        } else {
            threads.offer();
        }
    }

    @Override
    public List<String> list(String subdirectory) throws IOException {
        return call(IoKind.LIST, subdirectory, () -> disk.list(subdirectory));
    }

    @Override
    public boolean exists(String name) throws IOException {
        return call(IoKind.EXISTS, name, () -> disk.exists(name));
    }

    @Override
    public StorageFile open(String name, OpenMode mode, OpenFlag... flags) throws IOException {
        IoKind kind = mode == OpenMode.CREATE ? IoKind.CREATE : IoKind.OPEN;
        return call(kind, name, () -> new ScheduledFile(disk.open(name, mode, flags)));
    }

    @Override
    public boolean delete(String name) throws IOException {
        return call(IoKind.DELETE, name, () -> disk.delete(name));
    }

    @Override
    public void rename(String from, String to) throws IOException {
        call(IoKind.RENAME, from, () -> {
            disk.rename(from, to);
            return to;
        });
    }

    @Override
    public void createDirectory(String name) throws IOException {
        call(IoKind.CREATE_DIRECTORY, name, () -> {
            disk.createDirectory(name);
            return name;
        });
    }

    @Override
    public void force(String subdirectory) throws IOException {
        call(IoKind.FORCE_DIRECTORY, subdirectory, () -> {
            disk.force(subdirectory);
            return subdirectory;
        });
    }

    @Override
    public StorageLock lock(String name) throws IOException {
        return call(IoKind.LOCK, name, () -> disk.lock(name));
    }

    @Override
    public long usableBytes() {
        return disk.usableBytes();
    }

    @Override
    public String path(String name) {
        return disk.path(name);
    }

    @Override
    public void close() {
        disk.close();
    }

    /** A file of it. */
    private final class ScheduledFile implements StorageFile {
        private final StorageFile file;

        ScheduledFile(StorageFile file) {
            this.file = file;
        }

        @Override
        public String name() {
            return file.name();
        }

        @Override
        public int read(long position, ByteBuffer dst) throws IOException {
            return call(IoKind.READ, name(), position, null, () -> file.read(position, dst));
        }

        @Override
        public void write(long position, ByteBuffer src) throws IOException {
            call(IoKind.WRITE, name(), position, src, () -> {
                file.write(position, src);
                return src;
            });
        }

        @Override
        public void force(boolean metadata) throws IOException {
            call(IoKind.FORCE, name(), () -> {
                file.force(metadata);
                return file;
            });
        }

        @Override
        public long size() throws IOException {
            return call(IoKind.SIZE, name(), file::size);
        }

        @Override
        public void truncate(long size) throws IOException {
            call(IoKind.TRUNCATE, name(), () -> {
                file.truncate(size);
                return file;
            });
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
