package io.millrace.wal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.error.LogPositionGoneException;
import io.millrace.testkit.Seeds;
import io.millrace.testkit.SimulatedDirectory;
import io.millrace.wal.TestLog.Durable;
import io.millrace.wal.TestLog.Events;
import java.io.IOException;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Reading the log forward while it is written. */
final class LogCursorTest {
    private final SimulatedDirectory disk = TestLog.disk(12);

    LogCursorTest() throws IOException {}

    private static void readOn(LogCursor cursor, TreeMap<Long, Long> read) throws IOException {
        while (cursor.next(TestLog.collect(read))) {
            assertEquals(read.lastKey() + 1, cursor.nextLsn());
        }
    }

    @Test
    void followsTheTailOverSegments() {
        Seeds.forEach(5, (seed, dice) -> {
            SimulatedDirectory own = TestLog.disk(seed);
            TreeMap<Long, Long> written = new TreeMap<>();
            TreeMap<Long, Long> read = new TreeMap<>();
            try (Wal wal = TestLog.start(own, new Events());
                    LogCursor cursor = wal.reader().from(1)) {
                assertFalse(cursor.next(TestLog.collect(read)));
                for (long i = 0; i < 400; i++) {
                    written.put(TestLog.writeDurably(wal, i, TestLog.LEAST + dice.nextInt(8_000)), i);
                    if (dice.nextInt(3) == 0) {
                        readOn(cursor, read);
                        assertEquals(written, read);
                    }
                }
                readOn(cursor, read);
                assertEquals(written, read);
                assertTrue(wal.stats().segments() > 4);
            }
        });
    }

    @Test
    void beginsAtAnyLsnAlsoOfAFormerRun() throws IOException {
        TreeMap<Long, Long> written = new TreeMap<>();
        try (Wal wal = TestLog.start(disk, new Events())) {
            for (long i = 0; i < 60; i++) {
                written.put(TestLog.writeDurably(wal, i, 9_000), i);
            }
        }
        LogStart start = LogRecovery.seal(TestLog.recover(disk, new TreeMap<>()), 2);
        try (Wal wal = Wal.start(TestLog.options(), disk, start, Runnable::run, new Events())) {
            for (long i = 60; i < 100; i++) {
                written.put(TestLog.writeDurably(wal, i, 9_000), i);
            }
            for (long from = 1; from <= written.lastKey() + 1; from += 37) {
                TreeMap<Long, Long> read = new TreeMap<>();
                try (LogCursor cursor = wal.reader().from(from)) {
                    readOn(cursor, read);
                }
                assertEquals(written.tailMap(from), read);
            }
        }
    }

    @Test
    void whatIsNotDurableIsNotThere() throws IOException {
        Wal wal = TestLog.start(disk, new Events());
        TestLog.writeDurably(wal, 0, 100);
        TestLog.until(() -> wal.stats().segments() == 3);
        disk.holdForces();
        TestLog.write(wal, 1, 100);
        TestLog.until(() -> disk.forcesWaiting() == 1);
        TreeMap<Long, Long> read = new TreeMap<>();
        LogCursor cursor = wal.reader().from(1);
        readOn(cursor, read);
        assertEquals(1, read.size());
        Durable more = new Durable();
        wal.whenDurable(cursor.nextLsn(), more);
        assertFalse(more.isAnswered());
        disk.releaseForces();
        assertEquals(2, more.lsn());
        readOn(cursor, read);
        assertEquals(2, read.size());
        cursor.close();
        wal.close();
        assertEquals(0, disk.openFiles());
    }

    @Test
    void whatIsTruncatedIsGone() throws IOException {
        try (Wal wal = TestLog.start(disk, new Events())) {
            LogCursor slow = wal.reader().from(1);
            TreeMap<Long, Long> read = new TreeMap<>();
            for (long i = 0; i < 100; i++) {
                TestLog.writeDurably(wal, i, 9_000);
            }
            assertTrue(slow.next(TestLog.collect(read)));
            wal.truncateBefore(wal.durableLsn());
            TestLog.writeRecycling(wal, 100, new TreeMap<>());
            LogPositionGoneException gone = assertThrows(LogPositionGoneException.class, () -> readOn(slow, read));
            assertTrue(gone.getMessage().contains(Long.toString(slow.nextLsn())), gone.getMessage());
            assertThrows(
                    LogPositionGoneException.class, () -> wal.reader().from(1).next(TestLog.collect(read)));
            slow.close();
        }
    }
}
