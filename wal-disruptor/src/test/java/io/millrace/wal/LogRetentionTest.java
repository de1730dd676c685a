package io.millrace.wal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.error.InvalidConfigurationException;
import io.millrace.error.LogPositionGoneException;
import io.millrace.error.StorageFullException;
import io.millrace.testkit.SimulatedDirectory;
import io.millrace.wal.TestLog.Events;
import io.millrace.wal.TestLog.Grant;
import java.io.IOException;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Which segments are kept, for whom, and how many at most. */
final class LogRetentionTest {
    private static final long SEGMENT = 256 << 10;

    private final SimulatedDirectory disk = TestLog.disk(13);
    private long number;

    LogRetentionTest() throws IOException {}

    private Wal start(LogKeeping keeping) throws IOException {
        return Wal.start(TestLog.options().keeping(keeping), disk, TestLog.fresh(), Runnable::run, new Events());
    }

    private void write(Wal wal, int segments) {
        for (int i = 0; i < segments * 27; i++) {
            TestLog.writeDurably(wal, number++, 9_000);
        }
    }

    private static int read(Wal wal, long from) throws IOException {
        TreeMap<Long, Long> records = new TreeMap<>();
        try (LogCursor cursor = wal.reader().from(from)) {
            while (cursor.next(TestLog.collect(records))) {
                assertEquals(records.lastKey() + 1, cursor.nextLsn());
            }
        }
        return records.size();
    }

    @Test
    void whatIsHeldStaysAndIsShown() throws IOException {
        try (Wal wal = start(LogKeeping.NEEDED)) {
            LogHold hold = wal.hold("backup", 1, 0);
            write(wal, 6);
            assertEquals(0, wal.holders().get(0).heldBytes(), "restart needs it all");
            wal.truncateBefore(wal.durableLsn());
            assertEquals(number, read(wal, 1));
            LogHolder holder = wal.holders().get(0);
            assertEquals("backup", holder.name());
            assertEquals(1, holder.lsn());
            assertTrue(holder.heldBytes() >= 5 * SEGMENT, holder.toString());

            long half = wal.durableLsn() / 2;
            hold.advance(half);
            assertThrows(LogPositionGoneException.class, () -> read(wal, 1));
            assertTrue(read(wal, half) >= number / 2 - 1);
            assertFalse(hold.isLost());
            hold.close();
            assertEquals(0, wal.holders().size());
            assertThrows(LogPositionGoneException.class, () -> read(wal, half));
            assertThrows(LogPositionGoneException.class, () -> wal.hold("late", half, 0));
        }
    }

    @Test
    void whoHoldsTooMuchLosesIt() throws IOException {
        try (Wal wal = start(LogKeeping.NEEDED)) {
            LogHold hold = wal.hold("slow", 1, 2 * SEGMENT);
            write(wal, 2);
            wal.truncateBefore(wal.durableLsn());
            assertFalse(hold.isLost());
            write(wal, 4);
            wal.truncateBefore(wal.durableLsn());
            assertTrue(hold.isLost());
            assertThrows(LogPositionGoneException.class, () -> read(wal, 1));
        }
    }

    @Test
    void aLengthIsKeptForNobody() throws IOException {
        try (Wal wal = start(new LogKeeping(0, 3 * SEGMENT, null))) {
            write(wal, 8);
            wal.truncateBefore(wal.durableLsn());
            long oldest = wal.reader().oldestLsn();
            assertTrue(oldest > 1);
            assertTrue(read(wal, oldest) >= 2 * 27, "three segments, the last one not full");
        }
    }

    @Test
    void aLogOfGreatestSizeWaitsForCheckpointsThenRefuses() throws IOException {
        try (Wal wal = start(new LogKeeping(5 * SEGMENT, 0, null))) {
            // Full only if nothing was left after it was crowded: before, another segment may just have come.
            boolean crowded = false;
            while (!crowded) {
                crowded = wal.isCrowded();
                while (wal.tryAdmit(9_000, 0, Share.NORMAL)) {
                    wal.awaitDurable(TestLog.append(wal, number++, 9_000, null));
                }
            }
            Grant waiting = new Grant();
            wal.awaitAdmission(9_000, 0, Share.NORMAL, waiting);
            assertFalse(waiting.isAnswered());
            wal.truncateBefore(1);
            wal.truncateBefore(1);
            assertInstanceOf(StorageFullException.class, waiting.refusal());
            assertTrue(wal.stats().segments() <= 5);
            assertTrue(wal.tryAdmit(9_000, 0, Share.COMMIT), "the way back is open");
            wal.awaitDurable(TestLog.append(wal, number++, 9_000, null));

            wal.truncateBefore(wal.durableLsn());
            TestLog.until(() -> wal.tryAdmit(9_000, 0, Share.NORMAL));
            TestLog.append(wal, number++, 9_000, null);
            write(wal, 2);
            assertTrue(wal.stats().segments() <= 5);
        }
    }

    @Test
    void aGreatestSizeThatIsTooSmallIsRefused() {
        InvalidConfigurationException refusal =
                assertThrows(InvalidConfigurationException.class, () -> start(new LogKeeping(4 * SEGMENT, 0, null)));
        assertEquals("wal.max-size", refusal.key());
    }
}
