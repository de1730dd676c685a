package io.millrace.perf.load;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;

/**
 * What the disk itself does: one thread that writes 4 KiB and forces them, over and over, through a file filled with zeros before, so that the
 * force writes no metadata. No store can be faster with one commit in flight.
 */
public final class RawLoop implements AutoCloseable {
    private static final int BLOCK_BYTES = 4096;
    private static final int FILE_BYTES = 32 << 20;
    private static final int FILL_BYTES = 1 << 20;

    private final FileChannel channel;
    private final ByteBuffer block = ByteBuffer.allocateDirect(BLOCK_BYTES);
    private long position;

    private RawLoop(FileChannel channel) {
        this.channel = channel;
        for (int i = 0; i < BLOCK_BYTES; i++) {
            block.put(i, (byte) i);
        }
    }

    /** Its file lies in this directory. */
    public static RawLoop in(Path directory) throws IOException {
        FileChannel channel = FileChannel.open(
                directory.resolve("raw-loop"),
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE,
                StandardOpenOption.DELETE_ON_CLOSE);
        ByteBuffer zeros = ByteBuffer.allocateDirect(FILL_BYTES);
        for (long at = 0; at < FILE_BYTES; at += FILL_BYTES) {
            writeAll(channel, zeros, at);
        }
        channel.force(true);
        return new RawLoop(channel);
    }

    /** Forces per second, over this many seconds. */
    public double run(double seconds) throws IOException {
        long limit = (long) (seconds * TimeUnit.SECONDS.toNanos(1));
        long begin = System.nanoTime();
        long forces = 0;
        long elapsed;
        do {
            writeAll(channel, block, position);
            channel.force(false);
            position = (position + BLOCK_BYTES) % FILE_BYTES;
            forces++;
            elapsed = System.nanoTime() - begin;
        } while (elapsed < limit);
        return forces * 1e9 / elapsed;
    }

    private static void writeAll(FileChannel channel, ByteBuffer bytes, long at) throws IOException {
        bytes.clear();
        while (bytes.hasRemaining()) {
            channel.write(bytes, at + bytes.position());
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
