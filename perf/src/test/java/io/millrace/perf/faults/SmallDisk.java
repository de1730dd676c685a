package io.millrace.perf.faults;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * A small file system in memory that can be filled to the last byte. It is mounted in a mount name space of its own, held by a process that waits
 * for its standard input to end: so it is gone with that process, however that ends. Children enter the name space; this JVM reaches in through
 * {@code /proc}.
 */
final class SmallDisk implements AutoCloseable {
    private static final int PIECE = 4096;

    private final Process holder;
    private final Path mountPoint;

    private SmallDisk(Process holder, Path mountPoint) {
        this.holder = holder;
        this.mountPoint = mountPoint;
    }

    /**
     * Mounts one.
     *
     * @param mountPoint an empty directory
     * @throws IOException if it can't be mounted here; the message says why
     */
    static SmallDisk mount(Path mountPoint, String size) throws IOException {
        Process holder = new ProcessBuilder(
                        "unshare",
                        "--mount",
                        "sh",
                        "-c",
                        "mount -t tmpfs -o size=\"$2\" millrace-test \"$1\" && echo mounted && exec cat",
                        "sh",
                        mountPoint.toString(),
                        size)
                .redirectErrorStream(true)
                .start();
        SmallDisk disk = new SmallDisk(holder, mountPoint);
        String word =
                new BufferedReader(new InputStreamReader(holder.getInputStream(), StandardCharsets.UTF_8)).readLine();
        if (!"mounted".equals(word)) {
            disk.close();
            throw new IOException("no file system can be mounted: " + word);
        }
        return disk;
    }

    /** Why none can be mounted here, null if it can. */
    static String missing(Path mountPoint) throws InterruptedException {
        try {
            mount(mountPoint, "64k").close();
            return new ProcessBuilder("nsenter", "--version").start().waitFor() == 0 ? null : "nsenter does not work";
        } catch (IOException e) {
            return e.getMessage();
        }
    }

    /** The prefix of a command that is to see the disk, at its mount point. */
    List<String> entering() {
        return List.of("nsenter", "--mount", "--target", Long.toString(holder.pid()));
    }

    /** Where this JVM finds what others in the name space see at the mount point. */
    Path seenFromHere() {
        return Path.of("/proc", Long.toString(holder.pid()), "root")
                .resolve(mountPoint.toString().substring(1));
    }

    /** Takes all the space that is left, to the last page. */
    void fill() throws IOException {
        try (FileChannel balloon = FileChannel.open(balloon(), StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            while (true) {
                balloon.write(ByteBuffer.allocate(PIECE));
            }
        } catch (IOException full) {
            if (!String.valueOf(full.getMessage()).contains("space")) {
                throw full;
            }
        }
    }

    /** Gives back the space that {@link #fill} took. */
    void free() throws IOException {
        Files.delete(balloon());
    }

    /** From now on nobody can write. */
    void makeReadOnly() throws IOException {
        List<String> command = new ArrayList<>(entering());
        command.addAll(List.of("mount", "-o", "remount,ro", mountPoint.toString()));
        Process remount = new ProcessBuilder(command).redirectErrorStream(true).start();
        Ending.await(remount, "mount");
        if (remount.exitValue() != 0) {
            throw new IOException(new String(remount.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    private Path balloon() {
        return seenFromHere().resolve("balloon");
    }

    @Override
    public void close() throws IOException {
        try (OutputStream in = holder.getOutputStream()) {
            in.flush();
        }
        Ending.await(holder, "the holder of the small disk");
    }
}
