package io.millrace.storage;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** A {@link StorageDirectory} on the local file system. */
public final class LocalDirectory implements StorageDirectory {

    private final Path root;

    private LocalDirectory(Path root) {
        this.root = root;
    }

    /** Opens a directory, created durably with its parents if missing. */
    public static LocalDirectory open(Path path) throws IOException {
        Path root = path.toAbsolutePath().normalize();
        boolean interrupted = Interrupts.setAside();
        try {
            create(root);
            forceEntryOf(root);
        } catch (IOException failure) {
            throw FullDisk.translate(root.toString(), failure);
        } finally {
            Interrupts.restore(interrupted);
        }
        return new LocalDirectory(root);
    }

    @Override
    public List<String> list(String subdirectory) throws IOException {
        String prefix = StorageName.checkDirectory(subdirectory).isEmpty() ? "" : subdirectory + "/";
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(root.resolve(subdirectory))) {
            for (Path entry : entries) {
                if (Files.isRegularFile(entry)) {
                    names.add(prefix + entry.getFileName());
                }
            }
        } catch (NoSuchFileException missing) {
            return List.of();
        } catch (DirectoryIteratorException failure) {
            throw failure.getCause();
        }
        Collections.sort(names);
        return names;
    }

    @Override
    public List<String> listDirectories() throws IOException {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(root)) {
            for (Path entry : entries) {
                if (!Files.isRegularFile(entry)) {
                    names.add(entry.getFileName().toString());
                }
            }
        } catch (DirectoryIteratorException failure) {
            throw failure.getCause();
        }
        Collections.sort(names);
        return names;
    }

    @Override
    public boolean exists(String name) throws IOException {
        try {
            Files.readAttributes(resolve(name), BasicFileAttributes.class);
            return true;
        } catch (NoSuchFileException missing) {
            return false;
        }
    }

    @Override
    public StorageFile open(String name, OpenMode mode, OpenFlag... flags) throws IOException {
        Path path = resolve(name);
        boolean interrupted = Interrupts.setAside();
        try {
            return new LocalFile(name, path.toString(), FileChannel.open(path, options(mode, flags)));
        } catch (UnsupportedOperationException refused) {
            throw new FileSystemException(
                    path.toString(), null, "this file system can't open it so: " + Arrays.toString(flags));
        } catch (IOException failure) {
            throw FullDisk.translate(path.toString(), failure);
        } finally {
            Interrupts.restore(interrupted);
        }
    }

    @Override
    public boolean delete(String name) throws IOException {
        return Files.deleteIfExists(resolve(name));
    }

    @Override
    public void rename(String from, String to) throws IOException {
        Path target = resolve(to);
        try {
            Files.move(resolve(from), target, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException failure) {
            throw FullDisk.translate(target.toString(), failure);
        }
    }

    @Override
    public void createDirectory(String name) throws IOException {
        Path path = root.resolve(StorageName.checkDirectory(name));
        try {
            createOne(path);
        } catch (IOException failure) {
            throw FullDisk.translate(path.toString(), failure);
        }
    }

    @Override
    public void force(String subdirectory) throws IOException {
        Path path = root.resolve(StorageName.checkDirectory(subdirectory));
        boolean interrupted = Interrupts.setAside();
        try {
            forceDirectory(path);
        } catch (IOException failure) {
            throw FullDisk.translate(path.toString(), failure);
        } finally {
            Interrupts.restore(interrupted);
        }
    }

    @Override
    public StorageLock lock(String name) throws IOException {
        Path path = resolve(name);
        boolean interrupted = Interrupts.setAside();
        try {
            return LocalLock.take(path);
        } catch (IOException failure) {
            throw FullDisk.translate(path.toString(), failure);
        } finally {
            Interrupts.restore(interrupted);
        }
    }

    @Override
    public long usableBytes() throws IOException {
        return Files.getFileStore(root).getUsableSpace();
    }

    @Override
    public String path(String name) {
        return root.resolve(name).toString();
    }

    @Override
    public void close() {
        // nothing is held: files and locks belong to those who opened them
    }

    @Override
    public String toString() {
        return describe();
    }

    private Path resolve(String name) {
        return root.resolve(StorageName.check(name));
    }

    private static Set<OpenOption> options(OpenMode mode, OpenFlag... flags) throws IOException {
        Set<OpenOption> options = new HashSet<>();
        options.add(StandardOpenOption.READ);
        if (mode != OpenMode.READ) {
            options.add(StandardOpenOption.WRITE);
        }
        if (mode == OpenMode.CREATE) {
            options.add(StandardOpenOption.CREATE_NEW);
        }
        for (OpenFlag flag : flags) {
            options.add(
                    switch (flag) {
                        case DSYNC -> StandardOpenOption.DSYNC;
                        case DIRECT -> directOption();
                    });
        }
        return options;
    }

    /** {@code com.sun.nio.file.ExtendedOpenOption.DIRECT}, by name: naming the type is a warning on newer compilers. */
    private static OpenOption directOption() throws IOException {
        try {
            Object[] options =
                    Class.forName("com.sun.nio.file.ExtendedOpenOption").getEnumConstants();
            for (Object option : options) {
                if (((Enum<?>) option).name().equals("DIRECT")) {
                    return (OpenOption) option;
                }
            }
        } catch (ClassNotFoundException e) {
            throw new IOException("this JDK has no direct I/O", e);
        }
        throw new IOException("this JDK has no direct I/O");
    }

    private static void create(Path path) throws IOException {
        if (Files.isDirectory(path)) {
            return;
        }
        if (path.getParent() != null) {
            create(path.getParent());
        }
        createOne(path);
        forceEntryOf(path);
    }

    private static void createOne(Path path) throws IOException {
        try {
            Files.createDirectory(path);
        } catch (FileAlreadyExistsException exists) {
            if (!Files.isDirectory(path)) {
                throw exists;
            }
        }
    }

    /**
     * Also for a directory that was there: the run that created it may have died before its force. A parent that may not
     * be read can't be forced, and belongs to somebody who set it up by other means.
     */
    private static void forceEntryOf(Path directory) throws IOException {
        Path parent = directory.getParent();
        if (parent == null) {
            return;
        }
        try {
            forceDirectory(parent);
        } catch (AccessDeniedException notOurs) {
            assert Files.isDirectory(directory);
        }
    }

    private static void forceDirectory(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            Interrupts.makeImmune(channel);
            channel.force(true);
        }
    }
}
