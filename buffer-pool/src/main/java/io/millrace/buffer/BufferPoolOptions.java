package io.millrace.buffer;

import io.millrace.common.EngineThreads;
import io.millrace.error.InvalidConfigurationException;

/**
 * Settings of a {@link BufferPool}.
 *
 * @param sizeBytes memory for frames; at least {@value #MIN_FRAMES} pages
 * @param pageSizeBytes a power of two from 4 KiB to 32 KiB, fixed when the store is created
 * @param stripes locks of the page table, a power of two
 * @param ioThreads threads that load pages
 * @param cleaners threads that write pages back
 * @param threads the door to threads
 */
public record BufferPoolOptions(
        long sizeBytes, int pageSizeBytes, int stripes, int ioThreads, int cleaners, EngineThreads threads) {
    /** Fewest frames a pool works with. */
    public static final int MIN_FRAMES = 32;

    private static final int MAX_FRAMES = 1 << 24;
    private static final int MIN_PAGE = 4 * 1024;
    private static final int MAX_PAGE = 32 * 1024;
    private static final int MAX_STRIPES = 4096;
    private static final int MAX_THREADS = 64;
    private static final int DEFAULT_STRIPES = 64;
    private static final int DEFAULT_IO_THREADS = 8;

    public BufferPoolOptions {
        check(
                Integer.bitCount(pageSizeBytes) == 1 && pageSizeBytes >= MIN_PAGE && pageSizeBytes <= MAX_PAGE,
                "buffer-pool.page-size",
                pageSizeBytes,
                "4KiB, 8KiB, 16KiB or 32KiB");
        long pages = sizeBytes / Math.max(1, pageSizeBytes);
        check(
                pages >= MIN_FRAMES && pages <= MAX_FRAMES,
                "buffer-pool.size",
                sizeBytes,
                MIN_FRAMES + " pages of " + pageSizeBytes + " B or more, at most " + MAX_FRAMES + " pages");
        check(
                Integer.bitCount(stripes) == 1 && stripes > 0 && stripes <= MAX_STRIPES,
                "buffer-pool.stripes",
                stripes,
                "a power of two up to " + MAX_STRIPES);
        check(ioThreads >= 1 && ioThreads <= MAX_THREADS, "reactive.io-threads", ioThreads, "1 to " + MAX_THREADS);
        check(cleaners >= 1 && cleaners <= MAX_THREADS, "buffer-pool.cleaners", cleaners, "1 to " + MAX_THREADS);
    }

    /** With the threads of the JVM. */
    public BufferPoolOptions(long sizeBytes, int pageSizeBytes, int stripes, int ioThreads, int cleaners) {
        this(sizeBytes, pageSizeBytes, stripes, ioThreads, cleaners, EngineThreads.SYSTEM);
    }

    /** The defaults for a pool of that size. */
    public static BufferPoolOptions of(long sizeBytes, int pageSizeBytes) {
        return new BufferPoolOptions(sizeBytes, pageSizeBytes, DEFAULT_STRIPES, DEFAULT_IO_THREADS, 1);
    }

    /** Frames that fit. */
    public int frameCount() {
        return (int) (sizeBytes / pageSizeBytes);
    }

    private static void check(boolean allowed, String key, long value, String range) {
        if (!allowed) {
            throw new InvalidConfigurationException(key, Long.toString(value), range, null);
        }
    }
}
