package io.millrace.perf.recovery;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/** The files of a store's log, and how long it takes to do nothing but read them and sum them up: no recovery can be faster. */
final class LogFiles {
    private static final int READ_BYTES = 1 << 20;

    private LogFiles() {}

    private static List<Path> of(Path store) throws IOException {
        try (Stream<Path> files = Files.list(store.resolve("wal"))) {
            return files.sorted().toList();
        }
    }

    /** Name of the newest. */
    static String last(Path store) throws IOException {
        List<Path> files = of(store);
        return files.isEmpty() ? "-" : files.get(files.size() - 1).getFileName().toString();
    }

    /** Nanoseconds for plain positional reads and CRC-32C of so many bytes of the files behind the one with this name. */
    static long readNanos(Path store, String before, long bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(READ_BYTES);
        CRC32C sum = new CRC32C();
        long left = bytes;
        long begin = System.nanoTime();
        for (Path file : of(store)) {
            if (left > 0 && file.getFileName().toString().compareTo(before) > 0) {
                left -= read(file, buffer, sum, left);
            }
        }
        long nanos = System.nanoTime() - begin;
        if (left > 0 || sum.getValue() == 0) {
            throw new IOException("the log behind " + before + " is " + left + " bytes shorter than it should be");
        }
        return nanos;
    }

    private static long read(Path file, ByteBuffer buffer, CRC32C sum, long limit) throws IOException {
        long at = 0;
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            while (at < limit) {
                buffer.clear().limit((int) Math.min(READ_BYTES, limit - at));
                int count = channel.read(buffer, at);
                if (count < 0) {
                    break;
                }
                sum.update(buffer.flip());
                at += count;
            }
        }
        return at;
    }
}
