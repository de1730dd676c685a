package io.millrace.buffer;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.common.EngineThreads;
import io.millrace.common.Memory;
import io.millrace.error.MillraceException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;

/** A pool over memory files with a log that exists only as numbers. */
final class PoolFixture implements AutoCloseable {
    static final int PAGE = 16 * 1024;
    static final long STORE = 4711;
    static final long TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(60);

    final MemoryDirectory directory;
    final AtomicReference<Throwable> poison = new AtomicReference<>();
    final WriteFailures failures = new WriteFailures(poison::set);
    final DataFile dataFile;
    final DoubleWriteArea doubleWrite;
    final FakeLog log = new FakeLog();
    final BufferPool pool;

    /** Claims LSNs; durable up to them at once unless held. */
    static final class FakeLog implements WriteAheadBarrier {
        private final AtomicLong claimed = new AtomicLong();
        private final AtomicLong heldAt = new AtomicLong(Long.MAX_VALUE);
        private final AtomicLong awaited = new AtomicLong();
        private volatile boolean ended;

        long claim() {
            return claimed.incrementAndGet();
        }

        void startAt(long lsn) {
            claimed.set(lsn);
        }

        long end() {
            return claimed.get();
        }

        /** From now on nothing beyond this is durable. */
        void hold(long lsn) {
            heldAt.set(lsn);
        }

        void release() {
            heldAt.set(Long.MAX_VALUE);
        }

        void end(boolean now) {
            ended = now;
        }

        long highestAwaited() {
            return awaited.get();
        }

        @Override
        public long durableLsn() {
            return Math.min(claimed.get(), heldAt.get());
        }

        @Override
        public void awaitDurable(long lsn) {
            awaited.accumulateAndGet(lsn, Math::max);
            while (durableLsn() < lsn) {
                if (ended) {
                    throw new io.millrace.error.StorageIoException("force the log", null);
                }
                Thread.onSpinWait();
            }
        }
    }

    PoolFixture(int frames) {
        this(frames, new MemoryDirectory(), 1, 4);
    }

    PoolFixture(int frames, MemoryDirectory directory, int cleaners, int ioThreads) {
        this.directory = directory;
        boolean fresh = !directory.exists(DataFile.NAME);
        dataFile = fresh
                ? DataFile.create(directory, PAGE, failures)
                : DataFile.open(directory, PAGE, failures, EngineThreads.SYSTEM);
        doubleWrite = fresh
                ? DoubleWriteArea.create(directory, STORE, PAGE, failures)
                : DoubleWriteArea.open(directory, STORE, PAGE, failures, EngineThreads.SYSTEM);
        log.startAt(doubleWrite.readProof());
        if (!fresh) {
            doubleWrite.recover(dataFile, 0);
        }
        pool = BufferPool.open(
                new BufferPoolOptions((long) frames * PAGE, PAGE, 16, ioThreads, cleaners),
                dataFile,
                doubleWrite,
                log,
                log::end);
    }

    /** Formats pages 0 to count-1, each with its own number in the body, and writes them home. */
    PoolFixture withPages(int count) {
        dataFile.growTo(count);
        for (long page = 0; page < count; page++) {
            int frame = install(page);
            log(frame, page, page);
        }
        pool.flushAll();
        return this;
    }

    int install(long page) {
        AtomicReference<Integer> result = new AtomicReference<>();
        await(() -> {
            int frame = pool.tryInstall(page);
            result.set(frame);
            return frame >= 0;
        });
        return result.get();
    }

    /** Changes a latched page as a mini-transaction would, and unlatches. */
    long log(int frame, long page, long value) {
        long lsn = log.claim();
        pool.markDirty(frame, lsn);
        PageLayout.format(pool.address(frame), PageLayout.KIND_LEAF, page, 7);
        Memory.putLong(pool.address(frame) + PageLayout.BODY, value);
        Memory.putLong(pool.address(frame) + PAGE - Long.BYTES, value);
        PageLayout.pageLsn(pool.address(frame), lsn);
        pool.releaseExclusive(frame);
        return lsn;
    }

    /** Loads, changes, unlatches. */
    long change(long page, long value) {
        int frame = pool.pin(page);
        try {
            pool.latchExclusive(frame);
            return log(frame, page, value);
        } finally {
            pool.unpinFrame(frame);
        }
    }

    long value(long page) {
        int frame = pool.pin(page);
        try {
            return Memory.getLong(pool.address(frame) + PageLayout.BODY);
        } finally {
            pool.unpinFrame(frame);
        }
    }

    /** Throws every page out: needs all of them clean. */
    void evict(long page) {
        AtomicLong other = new AtomicLong(1_000_000);
        await(() -> {
            if (pool.frameOf(page) == BufferPool.MISS) {
                return true;
            }
            pool.unpinFrame(pool.pin(other.getAndIncrement()));
            return false;
        });
    }

    /** The same without waiting for any page: some I/O thread is held up. */
    void evictWithFetches(long page) {
        AtomicLong other = new AtomicLong(2_000_000);
        PageWaiter unpins = new PageWaiter() {
            @Override
            public void pageReady(long pageId) {
                pool.unpin(pageId);
            }

            @Override
            public void pageFailed(long pageId, MillraceException cause) {
                // Nothing is pinned.
            }
        };
        await(() -> {
            if (pool.frameOf(page) != BufferPool.MISS) {
                pool.fetch(other.getAndIncrement(), unpins);
            }
            return pool.frameOf(page) == BufferPool.MISS;
        });
    }

    static void await(BooleanSupplier condition) {
        long end = System.nanoTime() + TIMEOUT_NANOS;
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() - end < 0, "condition not met in time");
            Thread.onSpinWait();
        }
    }

    /** Collects answers. */
    static final class Answers implements PageWaiter {
        record Answer(long pageId, MillraceException failure) {}

        private final BlockingQueue<Answer> answers = new LinkedBlockingQueue<>();

        @Override
        public void pageReady(long pageId) {
            answers.add(new Answer(pageId, null));
        }

        @Override
        public void pageFailed(long pageId, MillraceException cause) {
            answers.add(new Answer(pageId, cause));
        }

        Answer next() throws InterruptedException {
            Answer answer = answers.poll(TIMEOUT_NANOS, TimeUnit.NANOSECONDS);
            assertTrue(answer != null, "no answer in time");
            return answer;
        }

        int size() {
            return answers.size();
        }
    }

    @Override
    public void close() {
        log.release();
        log.end(true);
        pool.close();
        doubleWrite.close();
        dataFile.close();
    }
}
