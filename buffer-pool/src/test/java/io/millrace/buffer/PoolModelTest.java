package io.millrace.buffer;

import static io.millrace.buffer.PoolFixture.PAGE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.common.Memory;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Many threads read and change more pages than the pool has frames, the way an engine does: optimistically, with fetch and come back. Each page is
 * filled with its version; the model is one counter per page. A validated read shows one version throughout, never older than what was there when
 * it began.
 */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PoolModelTest {
    private static final int PAGES = 400;
    private static final int STRIDE = 512;
    private static final int THREADS = 6;

    private final AtomicLongArray versions = new AtomicLongArray(PAGES);
    private final AtomicReference<String> broken = new AtomicReference<>();

    @Test
    void smallestPool() throws InterruptedException {
        run(32, 1, 1);
    }

    @Test
    void sixtyFourFramesManyThreads() throws InterruptedException {
        run(64, 2, 4);
    }

    @Test
    void mostlyResident() throws InterruptedException {
        run(300, 1, 2);
    }

    private void run(int frames, int cleaners, int ioThreads) throws InterruptedException {
        long seed = Long.getLong("millrace.seed", System.nanoTime());
        int rounds = Boolean.getBoolean("millrace.stress") ? 200_000 : 4_000;
        MemoryDirectory copy;
        try (PoolFixture f = new PoolFixture(frames, new MemoryDirectory(), cleaners, ioThreads).withPages(PAGES)) {
            for (int page = 0; page < PAGES; page++) {
                int frame = f.pool.pin(page);
                while (!change(f, page)) {
                    Thread.onSpinWait();
                }
                f.pool.unpinFrame(frame);
            }
            AtomicBoolean stop = new AtomicBoolean();
            AtomicInteger flushes = new AtomicInteger();
            List<Thread> threads = new ArrayList<>();
            for (int t = 0; t < THREADS; t++) {
                SplittableRandom random = new SplittableRandom(seed + t);
                threads.add(new Thread(() -> work(f, random, rounds), "caller-" + t));
            }
            Thread flusher = new Thread(() -> {
                while (!stop.get()) {
                    f.pool.flushAll();
                    flushes.incrementAndGet();
                }
            });
            flusher.start();
            threads.forEach(Thread::start);
            for (Thread thread : threads) {
                thread.join();
            }
            stop.set(true);
            flusher.join();
            assertNull(broken.get(), () -> "seed " + seed + ": " + broken.get());
            f.pool.flushAll();
            assertEquals(Long.MAX_VALUE, f.pool.minRecLsn());
            assertEquals(0, f.pool.stats().dirtyPages());
            BufferPoolStats stats = f.pool.stats();
            assertTrue(stats.evictions() > 0, stats.toString());
            assertNull(f.poison.get());
            copy = f.directory.copy();
        }
        try (PoolFixture f = new PoolFixture(64, copy, 1, 1)) {
            for (int page = 0; page < PAGES; page++) {
                int frame = f.pool.pin(page);
                assertEquals(versions.get(page), Memory.getLong(f.pool.address(frame) + PageLayout.BODY));
                f.pool.unpinFrame(frame);
            }
        }
    }

    private void work(PoolFixture f, SplittableRandom random, int rounds) {
        for (int round = 0; round < rounds && broken.get() == null; round++) {
            int page = random.nextInt(random.nextInt(1, PAGES) + 1) % PAGES;
            boolean write = random.nextInt(3) == 0;
            PoolFixture.Answers answers = null;
            try {
                while (!(write ? change(f, page) : read(f, page)) && broken.get() == null) {
                    if (f.pool.frameOf(page) == BufferPool.MISS) {
                        if (answers != null) {
                            f.pool.unpin(page);
                        }
                        answers = new PoolFixture.Answers();
                        f.pool.fetch(page, answers);
                        if (answers.next().failure() != null) {
                            broken.set("page " + page + " failed");
                            return;
                        }
                    }
                }
            } catch (InterruptedException | RuntimeException | Error failure) {
                broken.set("page " + page + ": " + failure);
            } finally {
                if (answers != null) {
                    f.pool.unpin(page);
                }
            }
        }
    }

    private boolean read(PoolFixture f, int page) {
        int frame = f.pool.frameOf(page);
        if (frame == BufferPool.MISS) {
            return false;
        }
        long oldest = versions.get(page);
        long stamp = f.pool.stamp(frame);
        if (stamp == 0 || f.pool.pageIdOf(frame) != page) {
            return false;
        }
        f.pool.touch(frame);
        long first = Memory.getLong(f.pool.address(frame) + PageLayout.BODY);
        long different = 0;
        for (int at = PageLayout.BODY; at < PAGE; at += STRIDE) {
            different |= Memory.getLong(f.pool.address(frame) + at) ^ first;
        }
        if (!f.pool.validate(frame, stamp)) {
            return false;
        }
        if (different != 0 || first < oldest) {
            broken.set("page " + page + " shows " + first + ", at least " + oldest + " expected, mixed " + different);
        }
        return true;
    }

    private boolean change(PoolFixture f, int page) {
        int frame = f.pool.frameOf(page);
        if (frame == BufferPool.MISS) {
            return false;
        }
        long stamp = f.pool.stamp(frame);
        if (stamp == 0 || f.pool.pageIdOf(frame) != page || !f.pool.tryExclusive(frame, stamp)) {
            return false;
        }
        long lsn = f.log.claim();
        f.pool.markDirty(frame, lsn);
        long address = f.pool.address(frame);
        long next = Memory.getLong(address + PageLayout.BODY) + 1;
        for (int at = PageLayout.BODY; at < PAGE; at += STRIDE) {
            Memory.putLong(address + at, next);
        }
        PageLayout.pageLsn(address, lsn);
        f.pool.releaseExclusive(frame);
        // After the change: a reader that sees the counter must find at least this version.
        versions.accumulateAndGet(page, next, Math::max);
        return true;
    }
}
