package io.millrace.wal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.error.InvalidConfigurationException;
import io.millrace.testkit.SimulatedDirectory;
import io.millrace.wal.TestLog.Events;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Segments: one after another, prepared ahead, used again. */
final class SegmentTest {
    private static final int LENGTH = 15_000;

    private final SimulatedDirectory disk = TestLog.disk(10);
    private final TreeMap<Long, Long> written = new TreeMap<>();

    SegmentTest() throws IOException {}

    private void fill(Wal wal, int records) {
        for (int i = 0; i < records; i++) {
            long number = written.size();
            written.put(TestLog.writeDurably(wal, number, LENGTH), number);
        }
    }

    @Test
    void blocksNeverSpanSegmentsAndChainAcrossThem() throws IOException {
        try (Wal wal = TestLog.start(disk, new Events())) {
            fill(wal, 100);
        }
        LogImage image = LogImage.of(disk);
        int checksum = 0;
        long lsn = 0;
        int blocks = 0;
        for (long number = 1; image.segment(number) != null; number++) {
            for (int at : image.blocks(number)) {
                var view = image.view(number);
                assertTrue(at + image.length(number, at) <= 256 << 10);
                assertEquals(checksum, view.getInt(at + BlockLayout.PREVIOUS_CHECKSUM));
                assertEquals(lsn + 1, view.getLong(at + BlockLayout.FIRST_LSN));
                assertEquals(lsn, view.getLong(at + BlockLayout.FORCED_LSN));
                assertEquals(number, view.getLong(at + BlockLayout.SEGMENT));
                checksum = view.getInt(at + BlockLayout.CHECKSUM);
                lsn = image.lastLsn(number, at);
                blocks++;
            }
        }
        assertEquals(100, blocks);
    }

    @Test
    void segmentsAreDurableBeforeTheyAreWritten() throws IOException {
        try (Wal wal = TestLog.start(disk, new Events())) {
            fill(wal, 40);
            SimulatedDirectory after = disk.afterPowerLoss(new Random(3));
            TreeMap<Long, Long> read = new TreeMap<>();
            TestLog.recover(after, wal.durableLsn(), read);
            assertEquals(written, read);
        }
    }

    @Test
    void whatNobodyNeedsIsUsedAgainAndTheLogStaysBounded() throws IOException {
        LogStart next;
        try (Wal wal = TestLog.start(disk, new Events())) {
            fill(wal, 60);
            for (int i = 0; i < 300; i++) {
                fill(wal, 1);
                wal.truncateBefore(wal.durableLsn() - 500);
            }
            TestLog.until(() -> wal.stats().segments() <= 8);
            assertFalse(disk.exists(SegmentLayout.fileName(1)));
        }
        long from = written.lastKey() - 500;
        TreeMap<Long, Long> read = new TreeMap<>();
        RecoveredLog log = LogRecovery.findEnd(
                disk, TestLog.STORE, from, new LogProofs(written.lastKey(), "the test"), TestLog.collect(read));
        assertEquals(written.tailMap(from), read);
        next = LogRecovery.seal(log, 2);
        try (Wal wal = Wal.start(TestLog.options(), disk, next, Runnable::run, new Events())) {
            int before = wal.stats().segments();
            fill(wal, 30);
            wal.truncateBefore(wal.durableLsn());
            TestLog.until(() -> wal.stats().segments() <= Math.max(before, 6));
        }
    }

    @Test
    void truncationKeepsTheSegmentThatHoldsTheLsn() throws IOException {
        try (Wal wal = TestLog.start(disk, new Events())) {
            fill(wal, 100);
            long keep = written.keySet().stream().skip(50).findFirst().orElseThrow();
            wal.truncateBefore(keep);
            fill(wal, 20);
            TreeMap<Long, Long> read = new TreeMap<>();
            LogRecovery.findEnd(
                    disk.afterPowerLoss(new Random(4)),
                    TestLog.STORE,
                    keep,
                    new LogProofs(wal.durableLsn(), "the test"),
                    TestLog.collect(read));
            assertEquals(written.tailMap(keep), read);
        }
    }

    @Test
    void filesWithOtherNamesAreNotSegments() {
        assertEquals(7, SegmentLayout.numberOf("wal/00000000000000000007.log"));
        for (String other :
                List.of("wal/7.log", "wal/0000000000000000000x.log", "wal/00000000000000000007.tmp", "other")) {
            assertEquals(-1, SegmentLayout.numberOf(other), other);
        }
        assertEquals("wal/00000000000000000007.log", SegmentLayout.fileName(7));
    }

    @ParameterizedTest
    @CsvSource({
        "255, 256, 262144, wal.ring-slots",
        "128, 256, 262144, wal.ring-slots",
        "0, 256, 262144, wal.ring-slots",
        "256, 250, 262144, wal.slot-size",
        "256, 0, 262144, wal.slot-size",
        "256, 256, 4294967296, wal.segment-size",
        "256, 256, 65536, wal.segment-size"
    })
    void sizesThatCanNotWorkAreRefusedWithTheSettingAndTheNeed(int slots, int slot, long segment, String key) {
        InvalidConfigurationException refused = assertThrows(
                InvalidConfigurationException.class,
                () -> new WalOptions(slots, slot, segment, 20_480, SyncMode.FORCE));
        assertEquals(key, refused.key());
        assertTrue(refused.allowed() != null && refused.getMessage().contains(key));
    }

    @Test
    void theSmallestSettingsWorkForPagesOf16KiB() throws IOException {
        WalOptions least = new WalOptions(256, 256, 256 << 10, 16_384 * 3 / 2 + 4_096, SyncMode.FORCE);
        try (Wal wal = Wal.start(least, disk, TestLog.fresh(), Runnable::run, new Events())) {
            fill(wal, 50);
        }
        TreeMap<Long, Long> read = new TreeMap<>();
        TestLog.recover(disk, read);
        assertEquals(written, read);
    }
}
