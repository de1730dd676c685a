package io.millrace.storage;

import io.millrace.error.StoreLockedException;
import java.io.IOException;
import java.util.List;

/**
 * The directory of one store: the only door to the disk. Production uses {@link LocalDirectory}, tests a simulated
 * disk that may lose, tear and refuse whatever a real one may.
 *
 * <p>Names are relative to the directory and use {@code '/'}, with at most one level of sub-directory, for example
 * {@code "data"} or {@code "wal/00000000000000000001.log"}; the sub-directory {@code ""} is the directory itself. A
 * name outside that shape is an {@link IllegalArgumentException}.
 *
 * <p>What survives power loss: the content of a file up to its last {@link StorageFile#force}, and the entries of a
 * directory (creations, renames, deletions) up to its last {@link #force(String)}. Forcing a file does not make its
 * entry durable.
 *
 * <p>Thread-safe. Every method may block: call from engine threads only (L12). Failures are plain {@link IOException}s,
 * a full disk a {@link NoSpaceException}; callers translate them.
 */
public interface StorageDirectory extends AutoCloseable {

    /**
     * The files (not directories) directly inside a sub-directory, as names that {@link #open} accepts, sorted; empty if
     * the sub-directory does not exist.
     */
    List<String> list(String subdirectory) throws IOException;

    /** Sub-directories and whatever else is no file, directly inside the directory itself, sorted; of a disk that may have some. */
    default List<String> listDirectories() throws IOException {
        return List.of();
    }

    /** Whether a file or sub-directory of that name exists. */
    boolean exists(String name) throws IOException;

    /**
     * Opens a file.
     *
     * @throws java.nio.file.NoSuchFileException if it is missing and the mode is not {@link OpenMode#CREATE}
     * @throws java.nio.file.FileAlreadyExistsException if it exists and the mode is {@link OpenMode#CREATE}
     */
    StorageFile open(String name, OpenMode mode, OpenFlag... flags) throws IOException;

    /** Deletes a file; false if there was none. Durable after {@link #force(String)} of its sub-directory. */
    boolean delete(String name) throws IOException;

    /**
     * Renames a file atomically, replacing a file at the new name. Durable after {@link #force(String)} of the
     * sub-directory, of both if they differ.
     */
    void rename(String from, String to) throws IOException;

    /** Creates a sub-directory; does nothing if it exists. Durable after {@link #force()}. */
    void createDirectory(String name) throws IOException;

    /** Makes the entries of the directory itself durable. */
    default void force() throws IOException {
        force("");
    }

    /** Makes the entries of a sub-directory durable. Never retry one that failed (L9). */
    void force(String subdirectory) throws IOException;

    /**
     * Takes the exclusive lock on a file, created if missing, against other processes and against other stores of this
     * one. Nobody else may open that file.
     *
     * @throws StoreLockedException if somebody holds it
     */
    StorageLock lock(String name) throws IOException;

    /** Bytes that can still be written, as far as the file system tells. */
    long usableBytes() throws IOException;

    /** The full path of a name, for messages. */
    String path(String name);

    /** The directory's own path, for messages. */
    default String describe() {
        return path("");
    }

    /** Releases what the directory itself holds. Files and locks are closed by those who opened them. */
    @Override
    void close() throws IOException;
}
