package io.millrace.buffer;

import static io.millrace.buffer.PoolFixture.PAGE;
import static io.millrace.buffer.PoolFixture.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.error.InvalidConfigurationException;
import io.millrace.error.StoreClosedException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class BufferPoolTest {
    @Test
    void installedPageIsFoundZeroedAndLatched() {
        try (PoolFixture f = new PoolFixture(64)) {
            int frame = f.install(3);
            assertEquals(frame, f.pool.frameOf(3));
            assertEquals(3, f.pool.pageIdOf(frame));
            assertEquals(0, f.pool.stamp(frame), "latched");
            assertTrue(PageLayout.isZero(f.pool.address(frame), PAGE));
            assertEquals(BufferPool.BUSY, f.pool.tryInstall(3));
            // So that no cleaner writes it meanwhile.
            f.log.hold(0);
            f.log(frame, 3, 33);
            assertEquals(33, f.value(3));
            assertEquals(1, f.pool.stats().dirtyPages());
        }
    }

    @Test
    void discardedFreshPageIsGoneAndItsFrameFree() {
        try (PoolFixture f = new PoolFixture(64)) {
            int free = f.pool.stats().freeFrames();
            int frame = f.install(3);
            f.pool.discard(frame);
            await(() -> f.pool.stats().freeFrames() == free);
            assertEquals(BufferPool.MISS, f.pool.frameOf(3));
            assertEquals(0, f.pool.stats().cachedPages());
        }
    }

    @Test
    void discardOfResidentPageKeepsItAndItsStamps() {
        try (PoolFixture f = new PoolFixture(64).withPages(4)) {
            int resident = f.pool.frameOf(2);
            long stamp = f.pool.stamp(resident);
            assertEquals(resident, f.pool.tryInstall(2));
            f.pool.discard(resident);
            assertTrue(f.pool.validate(resident, stamp));
            assertEquals(2, f.value(2));
        }
    }

    @Test
    void fetchOfPageBeingInstalledWaitsForTheInstaller() throws InterruptedException {
        try (PoolFixture f = new PoolFixture(64)) {
            PoolFixture.Answers answers = new PoolFixture.Answers();
            int frame = f.install(3);
            f.pool.fetch(3, answers);
            await(() -> f.pool.stats().waitingLoads() == 1);
            assertEquals(0, answers.size());
            f.pool.discard(frame);
            assertNull(answers.next().failure());
            int loaded = f.pool.frameOf(3);
            assertTrue(PageLayout.isZero(f.pool.address(loaded), PAGE));
            f.pool.unpin(3);
        }
    }

    @Test
    void stampsDieWithEviction() {
        try (PoolFixture f = new PoolFixture(64).withPages(4)) {
            int frame = f.pool.frameOf(1);
            long stamp = f.pool.stamp(frame);
            assertEquals(1, f.pool.pageIdOf(frame));
            f.evict(1);
            assertFalse(f.pool.validate(frame, stamp));
            assertFalse(f.pool.tryExclusive(frame, stamp));
            assertEquals(1, f.value(1));
            assertTrue(f.pool.stats().evictions() > 0);
        }
    }

    @Test
    void pinnedAndDirtyAndLatchedPagesAreNoVictims() {
        try (PoolFixture f = new PoolFixture(64).withPages(8)) {
            int pinned = f.pool.pin(1);
            f.log.hold(f.log.end());
            f.change(2, 22);
            int latched = f.pool.frameOf(3);
            assertTrue(f.pool.tryExclusive(latched, f.pool.stamp(latched)));
            for (long page = 1000; page < 1300; page++) {
                f.pool.unpinFrame(f.pool.pin(page));
            }
            assertEquals(pinned, f.pool.frameOf(1));
            assertNotEquals(BufferPool.MISS, f.pool.frameOf(2));
            assertEquals(latched, f.pool.frameOf(3));
            assertEquals(22, f.value(2));
            f.pool.releaseUnchanged(latched);
            f.pool.unpinFrame(pinned);
            f.log.release();
        }
    }

    @Test
    void fetchOfResidentPageAnswersAndPins() throws InterruptedException {
        try (PoolFixture f = new PoolFixture(64).withPages(4)) {
            long misses = f.pool.stats().misses();
            PoolFixture.Answers answers = new PoolFixture.Answers();
            f.pool.fetch(1, answers);
            f.pool.fetch(1, answers);
            assertNull(answers.next().failure());
            assertNull(answers.next().failure());
            f.pool.unpin(1);
            for (long page = 1000; page < 1200; page++) {
                f.pool.unpinFrame(f.pool.pin(page));
            }
            assertNotEquals(BufferPool.MISS, f.pool.frameOf(1), "the second waiter's pin holds");
            assertEquals(misses + 200, f.pool.stats().misses());
            f.pool.unpin(1);
            f.evict(1);
            assertThrows(IllegalStateException.class, () -> f.pool.unpin(1));
        }
    }

    @Test
    void pageBeyondTheEndIsZeroWithLsnZero() {
        try (PoolFixture f = new PoolFixture(64)) {
            int frame = f.pool.pin(12345);
            assertEquals(0, PageLayout.pageLsn(f.pool.address(frame)));
            assertTrue(PageLayout.isZero(f.pool.address(frame), PAGE));
            f.pool.unpinFrame(frame);
        }
    }

    @Test
    void changedAndEvictedPagesComeBackAsTheyWere() {
        try (PoolFixture f = new PoolFixture(32).withPages(200)) {
            for (long page = 0; page < 200; page++) {
                assertEquals(page, f.value(page));
                f.change(page, page + 1000);
            }
            for (long page = 0; page < 200; page++) {
                assertEquals(page + 1000, f.value(page));
            }
        }
    }

    @Test
    void awaitFreeFrameIsCalledBackWhenFramesAreCleaned() {
        try (PoolFixture f = new PoolFixture(32)) {
            f.log.hold(0);
            long page = 0;
            int frame = f.pool.tryInstall(page);
            while (frame != BufferPool.NO_FREE_FRAME) {
                if (frame >= 0) {
                    f.log(frame, page, page);
                    page++;
                }
                frame = f.pool.tryInstall(page);
            }
            AtomicInteger called = new AtomicInteger();
            f.pool.awaitFreeFrame(called::incrementAndGet);
            assertEquals(0, called.get());
            f.log.release();
            await(() -> called.get() == 1);
        }
    }

    @Test
    void useAfterCloseIsAnException() throws InterruptedException {
        PoolFixture f = new PoolFixture(64).withPages(2);
        f.close();
        assertThrows(StoreClosedException.class, () -> f.pool.tryInstall(9));
        assertThrows(StoreClosedException.class, () -> f.pool.pin(9));
        assertThrows(StoreClosedException.class, f.pool::flushAll);
        PoolFixture.Answers answers = new PoolFixture.Answers();
        f.pool.fetch(9, answers);
        assertInstanceOf(StoreClosedException.class, answers.next().failure());
        AtomicInteger done = new AtomicInteger();
        f.pool.requestFlush(Long.MAX_VALUE, done::incrementAndGet);
        assertEquals(1, done.get());
        int frame = f.pool.frameOf(1);
        long stamp = f.pool.stamp(frame);
        assertEquals(1, PageLayout.pageId(f.pool.address(frame)));
        assertTrue(f.pool.validate(frame, stamp));
        f.pool.close();
    }

    @Test
    void optionsNameTheKey() {
        assertEquals(
                "buffer-pool.page-size",
                assertThrows(InvalidConfigurationException.class, () -> BufferPoolOptions.of(1 << 20, 5000))
                        .key());
        assertEquals(
                "buffer-pool.size",
                assertThrows(InvalidConfigurationException.class, () -> BufferPoolOptions.of(PAGE, PAGE))
                        .key());
    }

    @Test
    void budgetBeyondDirectMemoryNamesTheFlag() {
        long tooMuch = 1L << 50;
        String message = assertThrows(
                        InvalidConfigurationException.class, () -> FrameMemory.checkBudget(tooMuch, tooMuch))
                .getMessage();
        assertTrue(message.contains("-XX:MaxDirectMemorySize="), message);
        assertEquals(1L << 30, FrameMemory.parse("1g"));
        assertEquals(512L << 20, FrameMemory.parse("512M"));
        assertEquals(0, FrameMemory.parse("x"));
    }

    @Test
    void largePoolGrowsByChunks() {
        int frames = 2 * FrameMemory.MAX_CHUNK_BYTES / PAGE + 5;
        try (PoolFixture f = new PoolFixture(frames)) {
            assertTrue(f.pool.stats().offHeapBytes() < 80L << 20, "the first chunk only");
            for (long page = 0; page < frames; page++) {
                f.log(f.install(page), page, page);
            }
            for (long page = 0; page < frames; page += 97) {
                assertEquals(page, f.value(page));
            }
            assertTrue(f.pool.stats().offHeapBytes() > 128L << 20);
        }
    }
}
