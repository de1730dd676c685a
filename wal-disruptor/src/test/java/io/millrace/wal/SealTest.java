package io.millrace.wal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.storage.OpenMode;
import io.millrace.testkit.Fault;
import io.millrace.testkit.FaultPlan;
import io.millrace.testkit.IoKind;
import io.millrace.testkit.Seeds;
import io.millrace.testkit.SimulatedCrash;
import io.millrace.testkit.SimulatedDirectory;
import io.millrace.wal.TestLog.Events;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** After a crash: what was read becomes durable before anything rests on it (L9), and the log goes on in a fresh segment. */
final class SealTest {
    /** A log whose last block was written and not forced. */
    private static SimulatedDirectory killed(int durable) throws IOException {
        SimulatedDirectory disk = TestLog.disk(6);
        Wal wal = TestLog.start(disk, new Events());
        for (int i = 0; i < durable; i++) {
            TestLog.writeDurably(wal, i, 100);
        }
        TestLog.until(() -> wal.stats().segments() == 3);
        disk.holdForces();
        TestLog.write(wal, durable, 100);
        TestLog.until(() -> disk.forcesWaiting() == 1);
        SimulatedDirectory after = disk.kill();
        disk.releaseForces();
        return after;
    }

    @Test
    void anUnforcedTailIsRewrittenWithTheSameBytesAndForced() throws IOException {
        SimulatedDirectory disk = killed(3);
        String name = SegmentLayout.fileName(1);
        assertTrue(disk.hasUnforced(name));
        LogImage before = LogImage.of(disk);
        TreeMap<Long, Long> records = new TreeMap<>();
        RecoveredLog log = TestLog.recover(disk, records);
        assertEquals(4, records.size());
        assertTrue(disk.hasUnforced(name), "finding the end changes nothing");

        LogStart start = LogRecovery.seal(log, 2);

        assertFalse(disk.hasUnforced(name));
        LogImage sealed = LogImage.of(disk);
        assertEquals(1, sealed.segments(), "segments behind the end are gone");
        assertArrayEquals(before.segment(1), sealed.segment(1));
        assertEquals(new LogStart(TestLog.STORE, 2, 5, 2, start.previousChecksum(), start.segments()), start);
        TreeMap<Long, Long> again = new TreeMap<>();
        TestLog.recover(disk.crash(new Random(1)), 4, again);
        assertEquals(records, again);
    }

    @Test
    void theLogGoesOnBehindATornTailAndAgainBehindThat() throws IOException {
        TreeMap<Long, Long> expected = new TreeMap<>();
        SimulatedDirectory disk = TestLog.disk(7);
        LogStart start = TestLog.fresh();
        long number = 0;
        for (int run = 1; run <= 6; run++) {
            Wal wal = Wal.start(TestLog.options(), disk, start, Runnable::run, new Events());
            for (int i = 0; i < 40; i++, number++) {
                expected.put(TestLog.writeDurably(wal, number, 3_000), number);
            }
            SimulatedDirectory after = disk.kill();
            tearBehind(after, wal.durableLsn());
            disk = after;
            TreeMap<Long, Long> read = new TreeMap<>();
            RecoveredLog log = TestLog.recover(disk, expected.lastKey(), read);
            assertEquals(expected, read, "run " + run);
            start = LogRecovery.seal(log, run + 1);
            assertEquals(expected.lastKey() + 1, start.nextLsn());
        }
    }

    /** What a write that never finished may leave behind the last block. */
    private static void tearBehind(SimulatedDirectory disk, long lastLsn) throws IOException {
        LogImage image = LogImage.of(disk);
        for (long number = 1; number < 50; number++) {
            byte[] segment = image.segment(number);
            if (segment == null) {
                continue;
            }
            for (int block : image.blocks(number)) {
                int end = block + image.length(number, block);
                if (image.lastLsn(number, block) == lastLsn && end + 200 < segment.length) {
                    try (var file = disk.open(SegmentLayout.fileName(number), OpenMode.READ_WRITE)) {
                        ByteBuffer torn = ByteBuffer.allocate(200);
                        torn.order(ByteOrder.LITTLE_ENDIAN).putInt(0, BlockLayout.MAGIC_VALUE);
                        torn.putInt(BlockLayout.BODY_LENGTH, 1_000_000);
                        file.write(end, torn);
                    }
                }
            }
        }
    }

    @Test
    void recoveryMayCrashAtAnyCallAndStartAnew() {
        Seeds.forEach(2, (seed, random) -> {
            for (int call = 1; ; call++) {
                SimulatedDirectory disk = killed(3).crash(new Random(seed));
                disk.faults(FaultPlan.none().atChange(call, random.nextBoolean() ? Fault.CRASH : Fault.CRASH_AFTER));
                boolean finished = false;
                try {
                    LogRecovery.seal(TestLog.recover(disk, 3, new TreeMap<>()), 2);
                    finished = true;
                } catch (SimulatedCrash crash) {
                    disk = disk.crash(new Random(seed + call));
                }
                disk.faults(FaultPlan.none());
                TreeMap<Long, Long> records = new TreeMap<>();
                LogRecovery.seal(TestLog.recover(disk, 3, records), 3);
                assertTrue(records.size() == 3 || records.size() == 4, records.toString());
                if (finished) {
                    return;
                }
            }
        });
    }

    @Test
    void aFailedForceOfTheTailIsReported() throws IOException {
        SimulatedDirectory disk = killed(2);
        RecoveredLog log = TestLog.recover(disk, new TreeMap<>());
        disk.faults(FaultPlan.none().at(IoKind.FORCE, 1, Fault.IO_ERROR));
        assertThrows(IOException.class, () -> LogRecovery.seal(log, 2));
    }

    @Test
    void oneRecordIsFoundByItsLsn() throws IOException {
        SimulatedDirectory disk = TestLog.disk(8);
        TreeMap<Long, Long> written = new TreeMap<>();
        try (Wal wal = TestLog.start(disk, new Events())) {
            for (int i = 0; i < 400; i++) {
                written.put(TestLog.writeDurably(wal, i, 100 + i * 13 % 3_000), (long) i);
            }
        }
        LogReader reader = TestLog.recover(disk, new TreeMap<>()).reader();
        for (long lsn : written.descendingKeySet()) {
            reader.read(lsn, (found, address, length) -> {
                assertEquals(lsn, found);
                assertEquals(written.get(lsn), TestLog.check(address, length));
            });
        }
        long from = written.keySet().stream().skip(200).findFirst().orElseThrow();
        assertEquals(written.tailMap(from), TestLog.read(reader, from));
    }
}
