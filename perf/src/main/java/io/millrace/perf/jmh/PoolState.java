package io.millrace.perf.jmh;

import io.millrace.buffer.BufferPool;
import io.millrace.buffer.BufferPoolOptions;
import io.millrace.buffer.DataFile;
import io.millrace.buffer.PageLayout;
import io.millrace.buffer.WriteAheadBarrier;
import io.millrace.buffer.WriteFailures;
import io.millrace.common.Memory;
import io.millrace.perf.Directories;
import io.millrace.storage.LocalDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** A buffer pool alone, over a data file thirty-two times its size, with a log that is always durable. */
@State(Scope.Benchmark)
public class PoolState {
    private static final int TIMES = 32;
    private static final int TREE = 1;
    private static final WriteAheadBarrier ALWAYS_DURABLE = new WriteAheadBarrier() {
        @Override
        public long durableLsn() {
            return Long.MAX_VALUE;
        }

        @Override
        public void awaitDurable(long lsn) {
            // It is.
        }
    };

    /** Bytes of a page. */
    @Param("16384")
    public int pageSize;

    /** Frames of the pool. */
    @Param("512")
    public int frames;

    private Path path;
    private LocalDirectory directory;
    private DataFile data;
    private BufferPool pool;
    private long nextNewPage;

    /** Writes the pages and leaves some of them in memory. */
    @Setup(Level.Trial)
    public void open() throws IOException {
        path = Files.createTempDirectory("millrace-bench-");
        directory = LocalDirectory.open(path);
        data = DataFile.create(directory, pageSize, new WriteFailures(failure -> {}));
        data.growTo(pages());
        pool = BufferPool.open(
                BufferPoolOptions.of((long) frames * pageSize, pageSize),
                data,
                null,
                ALWAYS_DURABLE,
                () -> Long.MAX_VALUE);
        for (int page = 0; page < pages(); page++) {
            format(page);
        }
        pool.flushAll();
        for (int page = 0; page < residentPages(); page++) {
            load(page);
        }
        nextNewPage = pages();
    }

    private void format(long page) {
        int frame = install(page);
        pool.markDirty(frame, 1);
        PageLayout.format(pool.address(frame), PageLayout.KIND_LEAF, page, TREE);
        PageLayout.pageLsn(pool.address(frame), 1);
        pool.releaseExclusive(frame);
    }

    /** Stops the pool and deletes its file. */
    @TearDown(Level.Trial)
    public void close() throws IOException {
        pool.close();
        data.close();
        directory.close();
        Directories.delete(path);
    }

    int pages() {
        return frames * TIMES;
    }

    /** So few that none of them is a victim. */
    int residentPages() {
        return frames / 2;
    }

    /** A word of the page, validated; loads the page if it is not there. */
    long read(long page) {
        while (true) {
            int frame = pool.frameOf(page);
            if (frame == BufferPool.MISS) {
                load(page);
                continue;
            }
            long stamp = pool.stamp(frame);
            if (stamp != 0 && pool.pageIdOf(frame) == page) {
                pool.touch(frame);
                long word = Memory.getLong(pool.address(frame) + PageLayout.BODY);
                if (pool.validate(frame, stamp)) {
                    return word;
                }
            }
        }
    }

    long load(long page) {
        int frame = pool.pin(page);
        long word = Memory.getLong(pool.address(frame) + PageLayout.BODY);
        pool.unpinFrame(frame);
        return word;
    }

    int installNext() {
        int frame = install(nextNewPage++);
        pool.releaseUnchanged(frame);
        return frame;
    }

    private int install(long page) {
        while (true) {
            int frame = pool.tryInstall(page);
            if (frame >= 0) {
                return frame;
            }
            if (frame == BufferPool.NO_FREE_FRAME) {
                CountDownLatch free = new CountDownLatch(1);
                pool.awaitFreeFrame(free::countDown);
                await(free);
            }
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}
