package io.millrace.buffer;

import static io.millrace.buffer.PoolFixture.PAGE;
import static io.millrace.buffer.PoolFixture.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.error.CorruptPageException;
import io.millrace.error.StorageIoException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Misses: one load per page, bounded pins, damage and device errors told to whom they concern. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LoadTest {
    @Test
    void sixtyFourFetchersOnSixtyFourFrames() throws InterruptedException {
        try (PoolFixture f = new PoolFixture(64).withPages(64 + 512)) {
            PoolFixture.Answers answers = new PoolFixture.Answers();
            for (int i = 0; i < 512; i++) {
                f.pool.fetch(64 + i, answers);
            }
            // Nobody unpins: loads stop at their bound and most of the pool stays free to evict.
            await(() -> answers.size() >= 10 && f.pool.stats().waitingLoads() > 0);
            for (int i = 0; i < 512; i++) {
                PoolFixture.Answers.Answer answer = answers.next();
                assertNull(answer.failure());
                f.pool.unpin(answer.pageId());
            }
            await(() -> f.pool.stats().waitingLoads() == 0);
        }
    }

    @Test
    void loadsPinAtMostASixthOfThePool() {
        try (PoolFixture f = new PoolFixture(64).withPages(200)) {
            PoolFixture.Answers answers = new PoolFixture.Answers();
            long loaded = f.pool.stats().pagesRead();
            int asked = 0;
            for (long page = 0; page < 200; page++) {
                if (f.pool.frameOf(page) == BufferPool.MISS) {
                    f.pool.fetch(page, answers);
                    asked++;
                }
            }
            int expected = asked - 64 / 6;
            await(() -> f.pool.stats().waitingLoads() == expected);
            assertEquals(64 / 6, f.pool.stats().pagesRead() - loaded);
            assertEquals(64 / 6, answers.size());
        }
    }

    @Test
    void concurrentFetchersEachGetEveryPage() throws InterruptedException {
        try (PoolFixture f = new PoolFixture(64).withPages(300)) {
            List<Thread> threads = new ArrayList<>();
            AtomicInteger wrong = new AtomicInteger();
            for (int t = 0; t < 64; t++) {
                int seed = t;
                threads.add(new Thread(() -> fetchMany(f, seed, wrong)));
            }
            threads.forEach(Thread::start);
            for (Thread thread : threads) {
                thread.join();
            }
            assertEquals(0, wrong.get());
        }
    }

    private static void fetchMany(PoolFixture f, int seed, AtomicInteger wrong) {
        PoolFixture.Answers answers = new PoolFixture.Answers();
        for (int i = 0; i < 40; i++) {
            long page = (seed * 31L + i * 17L) % 300;
            f.pool.fetch(page, answers);
            try {
                if (answers.next().failure() != null || f.pool.pageIdOf(f.pool.frameOf(page)) != page) {
                    wrong.incrementAndGet();
                }
            } catch (InterruptedException e) {
                wrong.incrementAndGet();
            }
            f.pool.unpin(page);
        }
    }

    @Test
    void whatWasReadBeforeThePageWasInstalledAndEvictedIsReadAgain() throws InterruptedException {
        try (PoolFixture f = new PoolFixture(64).withPages(4)) {
            f.evict(2);
            CountDownLatch read = new CountDownLatch(1);
            CountDownLatch goOn = new CountDownLatch(1);
            f.directory.afterRead = (call, name, position, length) -> {
                if (position == 2L * PAGE && name.equals(DataFile.NAME) && read.getCount() > 0) {
                    read.countDown();
                    await(() -> goOn.getCount() == 0);
                }
            };
            PoolFixture.Answers answers = new PoolFixture.Answers();
            f.pool.fetch(2, answers);
            read.await();
            f.log(f.install(2), 2, 4711);
            f.pool.flushAll();
            // The other I/O threads throw it out again: pages of the one that reads have to wait.
            f.evictWithFetches(2);
            goOn.countDown();
            assertNull(answers.next().failure());
            assertEquals(4711, f.value(2));
            f.pool.unpin(2);
        }
    }

    @Test
    void onePageIsReadOnceHoweverManyWait() throws InterruptedException {
        try (PoolFixture f = new PoolFixture(64).withPages(4)) {
            f.evict(2);
            CountDownLatch goOn = new CountDownLatch(1);
            AtomicInteger reads = new AtomicInteger();
            f.directory.hook = (call, name, position, length) -> {
                if (call == MemoryDirectory.Call.READ && position == 2L * PAGE) {
                    reads.incrementAndGet();
                    PoolFixture.await(() -> goOn.getCount() == 0);
                }
            };
            PoolFixture.Answers answers = new PoolFixture.Answers();
            for (int i = 0; i < 20; i++) {
                f.pool.fetch(2, answers);
            }
            await(() -> reads.get() == 1);
            goOn.countDown();
            for (int i = 0; i < 20; i++) {
                assertNull(answers.next().failure());
                f.pool.unpin(2);
            }
            assertEquals(1, reads.get());
            f.evict(2);
        }
    }

    @Test
    void installedPageWinsAgainstALoadUnderWay() throws InterruptedException {
        try (PoolFixture f = new PoolFixture(64).withPages(4)) {
            f.evict(2);
            CountDownLatch reading = new CountDownLatch(1);
            CountDownLatch goOn = new CountDownLatch(1);
            f.directory.hook = (call, name, position, length) -> {
                if (call == MemoryDirectory.Call.READ && position == 2L * PAGE) {
                    reading.countDown();
                    PoolFixture.await(() -> goOn.getCount() == 0);
                }
            };
            PoolFixture.Answers answers = new PoolFixture.Answers();
            f.pool.fetch(2, answers);
            reading.await();
            f.log(f.install(2), 2, 99);
            goOn.countDown();
            assertNull(answers.next().failure());
            assertEquals(99, f.value(2));
            f.pool.unpin(2);
        }
    }

    @Test
    void damageIsToldToAllWaitersOfThatPageOnly() throws InterruptedException {
        try (PoolFixture f = new PoolFixture(64).withPages(8)) {
            f.evict(2);
            f.evict(3);
            f.directory.overwrite(DataFile.NAME, 2L * PAGE + 5000, new byte[] {1, 2, 3});
            PoolFixture.Answers answers = new PoolFixture.Answers();
            f.pool.fetch(2, answers);
            f.pool.fetch(2, answers);
            for (int i = 0; i < 2; i++) {
                CorruptPageException damage = assertInstanceOf(
                        CorruptPageException.class, answers.next().failure());
                assertEquals(2, damage.pageId());
                assertEquals("/memory/millrace.data", damage.file());
            }
            assertEquals(3, f.value(3));
            assertTrue(f.pool.stats().corruptPages() >= 1);
            assertNull(f.poison.get(), "damage to one page poisons nothing");
            f.evict(3);
            assertEquals(3, f.value(3), "the frame of the failed load serves on");
        }
    }

    @Test
    void pageOfAnotherNumberIsDamage() {
        try (PoolFixture f = new PoolFixture(64).withPages(8)) {
            f.evict(2);
            byte[] file = f.directory.content(DataFile.NAME);
            f.directory.overwrite(DataFile.NAME, 2L * PAGE, java.util.Arrays.copyOfRange(file, 3 * PAGE, 4 * PAGE));
            CorruptPageException damage =
                    org.junit.jupiter.api.Assertions.assertThrows(CorruptPageException.class, () -> f.pool.pin(2));
            assertTrue(damage.getMessage().contains("page 3"), damage.getMessage());
        }
    }

    @Test
    void pageFromBehindTheEndOfTheLogPoisons() {
        try (PoolFixture f = new PoolFixture(64).withPages(8)) {
            f.evict(2);
            f.log.startAt(1);
            org.junit.jupiter.api.Assertions.assertThrows(CorruptPageException.class, () -> f.pool.pin(2));
            assertInstanceOf(CorruptPageException.class, f.poison.get());
        }
    }

    @Test
    void readErrorFailsItsWaitersAndNothingElse() throws InterruptedException {
        try (PoolFixture f = new PoolFixture(64).withPages(8)) {
            f.evict(2);
            f.evict(3);
            f.directory.hook = (call, name, position, length) -> {
                if (call == MemoryDirectory.Call.READ && position == 2L * PAGE) {
                    throw new IOException("Input/output error");
                }
            };
            PoolFixture.Answers answers = new PoolFixture.Answers();
            f.pool.fetch(2, answers);
            assertInstanceOf(StorageIoException.class, answers.next().failure());
            assertEquals(3, f.value(3));
            assertNull(f.poison.get());
            f.directory.hook = (call, name, position, length) -> {};
            assertEquals(2, f.value(2), "a read may be tried again");
        }
    }

    @Test
    void loadWaitsForTheCleanerWhenEverythingIsDirty() throws InterruptedException {
        try (PoolFixture f = new PoolFixture(32).withPages(100)) {
            f.log.hold(f.log.end());
            long page = 200;
            while (f.pool.stats().dirtyPages() < 32) {
                int frame = f.pool.tryInstall(page);
                if (frame >= 0) {
                    f.log(frame, page, page);
                    page++;
                } else {
                    Thread.onSpinWait();
                }
            }
            PoolFixture.Answers answers = new PoolFixture.Answers();
            // Not one of those that may be among the dirty ones.
            f.pool.fetch(150, answers);
            await(() -> f.pool.stats().waitingLoads() == 1);
            assertEquals(0, answers.size());
            f.log.release();
            assertNull(answers.next().failure());
            f.pool.unpin(150);
        }
    }
}
