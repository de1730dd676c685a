package io.millrace.buffer;

import static io.millrace.buffer.PoolFixture.PAGE;
import static io.millrace.buffer.PoolFixture.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.common.Memory;
import io.millrace.error.CorruptPageException;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Cleaning: L1, the order of writes, and the two recLSNs of D7. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class WriteBackTest {
    @Test
    void noPageIsWrittenBeforeTheLogIsDurable() {
        try (PoolFixture f = new PoolFixture(64).withPages(8)) {
            ConcurrentLinkedQueue<String> early = new ConcurrentLinkedQueue<>();
            AtomicBoolean held = new AtomicBoolean(true);
            f.directory.hook = (call, name, position, length) -> {
                if (call == MemoryDirectory.Call.WRITE && held.get()) {
                    early.add(name + " at " + position);
                }
            };
            f.log.hold(f.log.end());
            long lsn = f.change(3, 33);
            AtomicInteger done = new AtomicInteger();
            f.pool.requestFlush(Long.MAX_VALUE, done::incrementAndGet);
            // The cleaner has come as far as the barrier with this page in its batch, or, without the wait, has
            // written.
            await(() -> f.log.highestAwaited() >= lsn || !early.isEmpty());
            assertEquals(List.of(), List.copyOf(early));
            assertEquals(0, done.get());
            assertEquals(lsn, f.pool.minRecLsn());
            held.set(false);
            f.log.release();
            await(() -> done.get() == 1);
            assertEquals(Long.MAX_VALUE, f.pool.minRecLsn());
            assertEquals(lsn, f.pool.highestPageLsnWritten());
        }
    }

    /** The same for every write under load: the page LSN in what goes to disk is never ahead of the log. */
    @Test
    void everyWriteIsBehindTheLog() {
        try (PoolFixture f = new PoolFixture(32).withPages(100)) {
            ConcurrentLinkedQueue<String> ahead = new ConcurrentLinkedQueue<>();
            f.directory.written = (name, bytes) -> {
                // A home write is the page, a double write its header page and the pages.
                for (int page = name.equals(DataFile.NAME) ? 0 : PAGE; page < bytes.limit(); page += PAGE) {
                    long pageLsn = bytes.getLong(page + PageLayout.PAGE_LSN);
                    if (pageLsn > f.log.durableLsn()) {
                        ahead.add(name + " has LSN " + pageLsn);
                    }
                }
            };
            for (int round = 0; round < 300; round++) {
                f.log.hold(f.log.end());
                f.change(round % 100, round);
                f.change((round * 7) % 100, round);
                f.log.release();
            }
            assertEquals(List.of(), List.copyOf(ahead));
        }
    }

    @Test
    void doubleWriteIsForcedBeforeHomeAndHomeBeforeItIsRetired() {
        try (PoolFixture f = new PoolFixture(64).withPages(8)) {
            ConcurrentLinkedQueue<String> calls = new ConcurrentLinkedQueue<>();
            long retired = f.doubleWrite.lastRetiredBatch();
            f.directory.hook = (call, name, position, length) -> {
                if (call != MemoryDirectory.Call.READ) {
                    calls.add(call + " " + name + (f.doubleWrite.lastRetiredBatch() == retired ? "" : " retired"));
                }
            };
            f.change(5, 1);
            f.pool.flushAll();
            f.directory.hook = (call, name, position, length) -> {};
            assertEquals(
                    List.of("WRITE millrace.dwb", "FORCE millrace.dwb", "WRITE millrace.data", "FORCE millrace.data"),
                    List.copyOf(calls));
            assertEquals(retired + 1, f.doubleWrite.lastRetiredBatch());
        }
    }

    @Test
    void recLsnAfterCopyReplacesTheFirst() throws InterruptedException {
        try (PoolFixture f = new PoolFixture(64).withPages(8)) {
            CountDownLatch atHome = new CountDownLatch(1);
            CountDownLatch goOn = new CountDownLatch(1);
            f.directory.hook = (call, name, position, length) -> {
                if (call == MemoryDirectory.Call.WRITE && name.equals(DataFile.NAME)) {
                    atHome.countDown();
                    awaitQuietly(goOn);
                }
            };
            long first = f.change(3, 1);
            AtomicInteger done = new AtomicInteger();
            f.pool.requestFlush(Long.MAX_VALUE, done::incrementAndGet);
            atHome.await();
            long second = f.change(3, 2);
            f.change(3, 3);
            assertEquals(first, f.pool.minRecLsn(), "until the home write is forced");
            f.directory.hook = (call, name, position, length) -> {};
            goOn.countDown();
            await(() -> done.get() == 1);
            assertTrue(f.pool.minRecLsn() >= second, "a hot page does not pin the log");
            f.pool.flushAll();
            assertEquals(Long.MAX_VALUE, f.pool.minRecLsn());
            assertEquals(0, f.pool.stats().dirtyPages());
            f.evict(3);
            assertEquals(3, f.value(3));
        }
    }

    @Test
    void changeAfterCopyKeepsThePageDirty() {
        FrameTable frames = new FrameTable(1);
        assertEquals(1, frames.markDirty(0, 10));
        assertTrue(frames.beginWrite(0));
        assertFalse(frames.beginWrite(0), "one writer at a time");
        assertEquals(0, frames.markDirty(0, 20));
        frames.markDirty(0, 30);
        assertEquals(10, frames.minRecLsn());
        frames.endWrite(0);
        assertEquals(20, frames.minRecLsn());
        assertEquals(1, frames.dirtyCount());
        assertTrue(frames.beginWrite(0));
        frames.endWrite(0);
        assertEquals(Long.MAX_VALUE, frames.minRecLsn());
        assertEquals(0, frames.dirtyCount());
        assertFalse(frames.beginWrite(0), "clean");
    }

    @Test
    void flushLeavesYoungerPagesAlone() {
        try (PoolFixture f = new PoolFixture(64).withPages(8)) {
            f.log.hold(f.log.end());
            f.change(1, 1);
            f.change(2, 1);
            long young = f.change(3, 1);
            AtomicInteger done = new AtomicInteger();
            f.pool.requestFlush(young, done::incrementAndGet);
            f.log.hold(young - 1);
            await(() -> done.get() == 1);
            assertEquals(young, f.pool.minRecLsn());
            f.log.release();
        }
    }

    @Test
    void flushWaitsForLatchedPageWithoutBlockingOthers() {
        try (PoolFixture f = new PoolFixture(64).withPages(8)) {
            f.log.hold(f.log.end());
            f.change(1, 1);
            long second = f.change(2, 1);
            int frame = f.pool.frameOf(1);
            await(() -> f.pool.tryExclusive(frame, f.pool.stamp(frame)));
            AtomicInteger done = new AtomicInteger();
            f.pool.requestFlush(Long.MAX_VALUE, done::incrementAndGet);
            f.log.release();
            await(() -> f.pool.highestPageLsnWritten() == second);
            assertEquals(0, done.get());
            f.pool.releaseUnchanged(frame);
            await(() -> done.get() == 1);
            assertEquals(Long.MAX_VALUE, f.pool.minRecLsn());
        }
    }

    @Test
    void writtenPageCarriesChecksumAndIdentity() {
        try (PoolFixture f = new PoolFixture(64)) {
            f.dataFile.growTo(4);
            int frame = f.install(2);
            long lsn = f.log.claim();
            f.pool.markDirty(frame, lsn);
            PageLayout.kind(f.pool.address(frame), PageLayout.KIND_SPACE_MAP);
            PageLayout.pageLsn(f.pool.address(frame), lsn);
            f.pool.releaseExclusive(frame);
            f.pool.flushAll();
            java.nio.ByteBuffer image = org.agrona.BufferUtil.allocateDirectAligned(PAGE, PAGE);
            f.dataFile.read(2, image);
            CorruptPageException damage = PageVerifier.verify("x", 2, image.clear(), 0, PAGE);
            assertNull(damage);
            assertEquals(2, PageLayout.pageId(org.agrona.BufferUtil.address(image)));
            image.put(PAGE - 1, (byte) 1);
            assertNotNull(PageVerifier.verify("x", 2, image, 0, PAGE));
        }
    }

    @Test
    void everythingIsWrittenBackUnderManyCleaners() {
        try (PoolFixture f = new PoolFixture(64, new MemoryDirectory(), 3, 2).withPages(150)) {
            for (int round = 1; round <= 4; round++) {
                for (long page = 0; page < 150; page++) {
                    f.change(page, page * round);
                }
            }
            f.pool.flushAll();
            byte[] file = f.directory.content(DataFile.NAME);
            long memory = Memory.allocate(8);
            for (int page = 0; page < 150; page++) {
                Memory.copyFromArray(file, page * PAGE + PageLayout.BODY, memory, 8);
                assertEquals(page * 4L, Memory.getLong(memory));
            }
            Memory.free(memory);
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        boolean interrupted = false;
        while (latch.getCount() > 0) {
            try {
                latch.await();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
