package io.millrace.storage;

import io.millrace.error.StoreLockedException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * A lock of the operating system on one file, plus a note within the process.
 *
 * <p>POSIX drops a process's lock on a file as soon as the process closes <em>any</em> descriptor of it. So a second
 * attempt in this process must be turned away before it opens the file (the note), and where that could not see the
 * first (the class loaded twice) the descriptor of the failed attempt stays open for good.
 */
final class LocalLock implements StorageLock {

    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();
    private static final Queue<FileChannel> NEVER_CLOSED = new ConcurrentLinkedQueue<>();

    private final Path key;
    private final FileChannel channel;
    private boolean closed;

    private LocalLock(Path key, FileChannel channel) {
        this.key = key;
        this.channel = channel;
    }

    static LocalLock take(Path path) throws IOException {
        try {
            Files.createFile(path);
        } catch (FileAlreadyExistsException usual) {
            // left by an earlier run: the lock counts, not the file
        }
        Path key = path.toRealPath();
        if (!HELD.add(key)) {
            throw new StoreLockedException(path.toString(), true);
        }
        LocalLock lock = null;
        try {
            lock = lockFile(path, key);
            return lock;
        } finally {
            if (lock == null) {
                HELD.remove(key);
            }
        }
    }

    private static LocalLock lockFile(Path path, Path key) throws IOException {
        FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE);
        Interrupts.makeImmune(channel);
        FileLock fileLock;
        try {
            fileLock = channel.tryLock();
        } catch (OverlappingFileLockException heldByAnotherLoader) {
            NEVER_CLOSED.add(channel);
            throw new StoreLockedException(path.toString(), true);
        } catch (IOException failure) {
            channel.close();
            throw failure;
        }
        if (fileLock == null) {
            channel.close();
            throw new StoreLockedException(path.toString(), false);
        }
        return new LocalLock(key, channel);
    }

    @Override
    public synchronized void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        try {
            channel.close();
        } finally {
            HELD.remove(key);
        }
    }
}
