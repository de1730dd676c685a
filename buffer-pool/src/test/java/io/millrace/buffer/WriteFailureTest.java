package io.millrace.buffer;

import static io.millrace.buffer.PoolFixture.PAGE;
import static io.millrace.buffer.PoolFixture.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.common.EngineThreads;
import io.millrace.error.StorageFullException;
import io.millrace.error.StorageIoException;
import io.millrace.storage.NoSpaceException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** L9 and the part of L13 that is the data file's. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class WriteFailureTest {
    @ParameterizedTest
    @CsvSource({"WRITE,millrace.dwb", "FORCE,millrace.dwb", "WRITE,millrace.data", "FORCE,millrace.data"})
    void firstFailureIsFinal(MemoryDirectory.Call failing, String file) {
        try (PoolFixture f = new PoolFixture(64).withPages(100)) {
            IOException error = new IOException("Input/output error");
            AtomicBoolean failed = new AtomicBoolean();
            ConcurrentLinkedQueue<String> afterwards = new ConcurrentLinkedQueue<>();
            f.directory.hook = (call, name, position, length) -> {
                if (call != MemoryDirectory.Call.READ && failed.get()) {
                    afterwards.add(call + " " + name);
                }
                if (call == failing && name.equals(file) && failed.compareAndSet(false, true)) {
                    throw error;
                }
            };
            long lsn = f.change(3, 33);
            StorageIoException seen = assertThrows(StorageIoException.class, f.pool::flushAll);
            assertSame(error, seen.getCause());
            assertSame(error, f.poison.get());
            assertEquals(lsn, f.pool.minRecLsn(), "the restart point freezes");
            f.change(4, 44);
            assertThrows(StorageIoException.class, f.pool::flushAll);
            assertThrows(StorageIoException.class, () -> f.dataFile.growTo(1000));
            for (long page = 0; page < 100; page++) {
                assertEquals(page == 3 ? 33 : page == 4 ? 44 : page, f.value(page), "reads go on");
            }
            assertEquals(List.of(), List.copyOf(afterwards), "nothing is written or forced again");
        }
    }

    @Test
    void poisonedLogStopsTheCleaner() {
        try (PoolFixture f = new PoolFixture(64).withPages(8)) {
            f.log.hold(f.log.end());
            f.change(3, 33);
            f.log.end(true);
            assertThrows(StorageIoException.class, f.pool::flushAll);
            assertInstanceOf(StorageIoException.class, f.poison.get());
            assertEquals(3, homeValue(f, 3), "L1 holds");
        }
    }

    private static long homeValue(PoolFixture f, int page) {
        return f.directory.content(DataFile.NAME)[page * PAGE + PageLayout.BODY];
    }

    @Test
    void poisonedPoolFullOfDirtyPagesAnswersInsteadOfWaiting() throws InterruptedException {
        try (PoolFixture f = new PoolFixture(32).withPages(100)) {
            f.directory.hook = (call, name, position, length) -> {
                if (call == MemoryDirectory.Call.WRITE) {
                    throw new IOException("Input/output error");
                }
            };
            StorageIoException refused = assertThrows(StorageIoException.class, () -> {
                for (long page = 200; ; ) {
                    int frame = f.pool.tryInstall(page);
                    if (frame >= 0) {
                        f.log(frame, page, page);
                        page++;
                    }
                }
            });
            assertInstanceOf(IOException.class, refused.getCause());
            // Every frame dirty that can be: the spare ones go to loads, then loads are refused, too.
            AtomicInteger called = new AtomicInteger();
            f.pool.awaitFreeFrame(called::incrementAndGet);
            await(() -> called.get() == 1);
            PoolFixture.Answers answers = new PoolFixture.Answers();
            for (int i = 0; i < 5; i++) {
                f.pool.fetch(i, answers);
            }
            for (int i = 0; i < 5; i++) {
                answers.next();
            }
        }
    }

    @Test
    void fullDiskIsToldToTheAskerOnly() {
        try (PoolFixture f = new PoolFixture(64).withPages(8)) {
            AtomicBoolean full = new AtomicBoolean(true);
            f.directory.hook = (call, name, position, length) -> {
                if (call == MemoryDirectory.Call.WRITE && full.get() && position + length > 20L * PAGE) {
                    throw new NoSpaceException(name, null);
                }
            };
            StorageFullException refused = assertThrows(StorageFullException.class, () -> f.dataFile.growTo(500));
            assertEquals(492L * PAGE, refused.neededBytes());
            assertEquals(8, f.dataFile.pageCount());
            assertNull(f.poison.get());
            f.change(3, 33);
            assertEquals(33, f.value(3));
            full.set(false);
            f.dataFile.growTo(500);
            assertEquals(500, f.dataFile.pageCount());
            f.pool.flushAll();
            assertEquals(500L * PAGE, f.directory.content(DataFile.NAME).length);
        }
    }

    @Test
    void growthIsZeroFilledAndForcedBeforeItCounts() {
        try (PoolFixture f = new PoolFixture(64)) {
            List<String> calls = new ArrayList<>();
            f.directory.hook = (call, name, position, length) -> {
                if (name.equals(DataFile.NAME)) {
                    calls.add(call + " " + f.dataFile.pageCount());
                }
            };
            f.dataFile.growTo(10);
            f.dataFile.growTo(5);
            assertEquals(List.of("WRITE 0", "FORCE 0"), calls);
            assertEquals(10, f.dataFile.pageCount());
        }
    }

    @Test
    void failedGrowthOfAnotherKindIsFinal() {
        try (PoolFixture f = new PoolFixture(64).withPages(8)) {
            f.directory.hook = (call, name, position, length) -> {
                if (call == MemoryDirectory.Call.FORCE) {
                    throw new NoSpaceException(name, null);
                }
            };
            assertThrows(StorageIoException.class, () -> f.dataFile.growTo(100));
            assertTrue(f.poison.get() instanceof NoSpaceException, "a failed force may have lost other pages' writes");
            assertEquals(8, f.dataFile.pageCount());
        }
    }

    @Test
    void reopenedFileCountsWholePagesOnly() {
        MemoryDirectory copy;
        try (PoolFixture f = new PoolFixture(64).withPages(8)) {
            copy = f.directory.copy();
        }
        copy.overwrite(DataFile.NAME, 8L * PAGE, new byte[100]);
        assertEquals(
                8,
                DataFile.open(copy, PAGE, new WriteFailures(cause -> {}), EngineThreads.SYSTEM)
                        .pageCount());
    }
}
