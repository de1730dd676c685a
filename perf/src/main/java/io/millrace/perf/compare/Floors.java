package io.millrace.perf.compare;

import io.millrace.perf.load.Keys;
import io.millrace.perf.load.RawLoop;
import io.millrace.storage.LocalDirectory;
import io.millrace.storage.OpenFlag;
import io.millrace.storage.OpenMode;
import io.millrace.storage.StorageFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/** Measures the floors, on the disk where the contenders have their stores. Not thread-safe. */
final class Floors implements AutoCloseable {
    private static final String READ_FILE = "floor-read";
    private static final double FSYNC_SECONDS = 0.4;
    private static final long SHORT_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final int BLOCK = 4096;
    private static final int CHUNK = 1 << 20;
    private static final int FILE_CHUNKS = 64;

    private final Scale scale;
    private final Path directory;
    private final RawLoop fsync;
    private final StorageFile direct;
    private final ByteBuffer block = ByteBuffer.allocateDirect(2 * BLOCK).alignedSlice(BLOCK);
    private final SplittableRandom random = new SplittableRandom(1);
    private ByteBuffer entries;
    private long sum;

    Floors(Scale scale, Path directory) throws IOException {
        this.scale = scale;
        this.directory = directory;
        fsync = RawLoop.in(directory);
        try (FileChannel channel = create(directory.resolve(READ_FILE))) {
            writeChunks(channel);
        }
        direct = openForReading(directory);
    }

    private static StorageFile openForReading(Path path) throws IOException {
        LocalDirectory directory = LocalDirectory.open(path);
        try {
            return directory.open(READ_FILE, OpenMode.READ, OpenFlag.DIRECT);
        } catch (IOException | UnsupportedOperationException e) {
            // A file system without it: reads come from the page cache then.
            return directory.open(READ_FILE, OpenMode.READ);
        }
    }

    private static FileChannel create(Path file) throws IOException {
        return FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);
    }

    private static void writeChunks(FileChannel channel) throws IOException {
        ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK);
        for (int i = 0; i < FILE_CHUNKS; i++) {
            chunk.clear();
            while (chunk.hasRemaining()) {
                channel.write(chunk);
            }
        }
        channel.force(true);
    }

    double measure(Floor floor) throws IOException {
        return switch (floor) {
            case FSYNC -> fsync.run(FSYNC_SECONDS);
            case COPY -> copy();
            case READ -> read();
            case WRITE -> write();
        };
    }

    private double copy() {
        int length = Keys.BYTES + scale.valueSize();
        if (entries == null) {
            entries = ByteBuffer.allocateDirect(Math.multiplyExact(scale.keys(), length));
        }
        long begin = System.nanoTime();
        long count = 0;
        long elapsed;
        do {
            for (int i = 0; i < BLOCK; i++) {
                byte[] entry = new byte[length];
                entries.get(random.nextInt(scale.keys()) * length, entry);
                sum += entry[0];
            }
            count += BLOCK;
            elapsed = System.nanoTime() - begin;
        } while (elapsed < SHORT_NANOS);
        return perSecond(count, elapsed);
    }

    private double read() throws IOException {
        long blocks = direct.size() / BLOCK;
        long begin = System.nanoTime();
        long count = 0;
        long elapsed;
        do {
            block.clear().limit(BLOCK);
            direct.read(random.nextLong(blocks) * BLOCK, block);
            count++;
            elapsed = System.nanoTime() - begin;
        } while (elapsed < SHORT_NANOS);
        return perSecond(count, elapsed);
    }

    private double write() throws IOException {
        try (FileChannel channel = create(directory.resolve("floor-write"))) {
            long begin = System.nanoTime();
            writeChunks(channel);
            double bytes = perSecond((long) FILE_CHUNKS * CHUNK, System.nanoTime() - begin);
            return bytes / (Keys.BYTES + scale.valueSize());
        }
    }

    private static double perSecond(long count, long nanos) {
        return count * 1e9 / nanos;
    }

    /** So that nothing that was copied can be left out. */
    long checksum() {
        return sum;
    }

    @Override
    public void close() throws IOException {
        fsync.close();
        direct.close();
    }
}
