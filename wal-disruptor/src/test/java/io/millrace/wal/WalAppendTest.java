package io.millrace.wal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.error.MillraceException;
import io.millrace.error.StoreClosedException;
import io.millrace.testkit.IoKind;
import io.millrace.testkit.SimulatedDirectory;
import io.millrace.wal.TestLog.Durable;
import io.millrace.wal.TestLog.Events;
import io.millrace.wal.TestLog.Grant;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Appending: what is told when, in which order, and that it comes back. */
final class WalAppendTest {
    private final Events events = new Events();
    private final SimulatedDirectory disk = TestLog.disk(1);

    WalAppendTest() throws IOException {}

    @Test
    void recordsOfAnyLengthComeBackAlsoWhereTheRingWraps() throws IOException {
        TreeMap<Long, Long> written = new TreeMap<>();
        int[] lengths = {TestLog.LEAST, 255, 256, 257, 511, 512, 513, 3_000, TestLog.LARGEST};
        try (Wal wal = TestLog.start(disk, events)) {
            for (int i = 0; i < 200; i++) {
                written.put(TestLog.writeDurably(wal, i, lengths[i % lengths.length]), (long) i);
            }
            assertTrue(wal.claimedLsn() > 3L * 256, "the ring has wrapped");
        }
        TreeMap<Long, Long> read = new TreeMap<>();
        assertEquals(written.lastKey(), TestLog.recover(disk, read).endLsn());
        assertEquals(written, read);
    }

    @Test
    void aRecordTakesAsManyLsnsAsSlots() throws IOException {
        try (Wal wal = TestLog.start(disk, events)) {
            assertEquals(0, wal.durableLsn());
            assertEquals(1, TestLog.write(wal, 1, 256));
            assertEquals(3, TestLog.write(wal, 2, 257));
            assertEquals(4, TestLog.write(wal, 3, 20));
        }
    }

    @Test
    void nothingIsDurableOrToldBeforeTheForce() throws IOException {
        try (Wal wal = TestLog.start(disk, events)) {
            disk.holdForces();
            assertTrue(wal.tryAdmit(100, 0, Share.NORMAL));
            Durable record = new Durable();
            long lsn = TestLog.append(wal, 1, 100, record);
            Durable other = new Durable();
            wal.whenVisible(lsn, other);
            TestLog.until(() -> disk.forcesWaiting() > 0 && disk.hasUnforced(SegmentLayout.fileName(1)));

            assertEquals(0, wal.durableLsn());
            assertFalse(record.isAnswered() || other.isAnswered());

            disk.releaseForces();
            assertEquals(lsn, record.lsn());
            assertEquals(lsn, other.lsn());
            assertEquals(lsn, wal.durableLsn());
        }
    }

    @Test
    void waitersWithoutARecordAreToldInTime() throws IOException {
        try (Wal wal = TestLog.start(disk, events)) {
            Durable future = new Durable();
            wal.whenVisible(2, future);
            long first = TestLog.writeDurably(wal, 1, 100);
            assertFalse(future.isAnswered());
            Durable past = new Durable();
            wal.whenVisible(first, past);
            assertEquals(first, past.lsn());
            TestLog.writeDurably(wal, 2, 100);
            assertEquals(2, future.lsn());
        }
    }

    @Test
    void whatArrivesDuringAForceIsOneBlockWithOneForceAndOneHandOver() throws IOException {
        try (Wal wal = TestLog.start(disk, events)) {
            TestLog.writeDurably(wal, 0, 100);
            TestLog.until(() -> wal.stats().segments() == 3);
            disk.holdForces();
            TestLog.write(wal, 1, 100);
            TestLog.until(() -> disk.forcesWaiting() == 1);
            List<Long> told = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                assertTrue(wal.tryAdmit(300, 0, Share.NORMAL));
                TestLog.append(wal, i, 300, waiter(told));
            }
            long writes = disk.calls(IoKind.WRITE);
            long forces = wal.stats().forces();
            long bytes = wal.stats().logBytes();
            disk.releaseForces();
            wal.awaitDurable(42);

            TestLog.until(() -> wal.stats().logRecords() == 22 && !events.batches.isEmpty());
            assertEquals(forces + 2, wal.stats().forces());
            assertEquals(writes + 1, disk.calls(IoKind.WRITE));
            assertEquals(bytes + 80 + 20 * 300, wal.stats().logBytes());
            assertEquals(1, events.batches.size());
            assertEquals(20, told.size());
            for (int i = 0; i < told.size(); i++) {
                assertEquals(2L * (i + 2), told.get(i));
            }
        }
    }

    @Test
    void aBatchEndsBeforeARecordThatIsNotPublished() throws IOException {
        try (Wal wal = TestLog.start(disk, events)) {
            TestLog.write(wal, 1, 100);
            assertTrue(wal.tryAdmit(1_000, 0, Share.NORMAL));
            long unpublished = wal.claim(1_000);
            long behind = TestLog.write(wal, 2, 100);
            wal.awaitDurable(1);
            wal.wake(true);
            assertEquals(1, wal.durableLsn(), "a record end, though a later record is published");

            wal.copy(unpublished, 1_000, TestLog.encode(3, 1_000).address());
            wal.publish(unpublished, 1_000);
            wal.wake(true);
            wal.awaitDurable(behind);
        }
    }

    @Test
    void closeWritesWhatWasPublished() throws IOException {
        Wal wal = TestLog.start(disk, events);
        List<Durable> waiters = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            assertTrue(wal.tryAdmit(100, 0, Share.NORMAL));
            waiters.add(new Durable());
            TestLog.append(wal, i, 100, waiters.get(i));
        }
        wal.close();
        wal.close();

        for (int i = 0; i < 50; i++) {
            assertEquals(i + 1, waiters.get(i).lsn());
        }
        assertFalse(wal.tryAdmit(100, 0, Share.COMMIT));
        Grant late = new Grant();
        wal.awaitAdmission(100, 0, Share.COMMIT, late);
        assertInstanceOf(StoreClosedException.class, late.refusal());
        assertEquals(0, disk.openFiles());
    }

    @ParameterizedTest
    @EnumSource(SyncMode.class)
    void whatIsDurableSurvivesPowerLoss(SyncMode sync) throws IOException {
        WalOptions options = new WalOptions(256, TestLog.SLOT, 256 << 10, TestLog.LARGEST, sync);
        TreeMap<Long, Long> written = new TreeMap<>();
        try (Wal wal = Wal.start(options, disk, TestLog.fresh(), Runnable::run, events)) {
            for (int i = 0; i < 300; i++) {
                written.put(TestLog.writeDurably(wal, i, 2_000), (long) i);
            }
            TreeMap<Long, Long> read = new TreeMap<>();
            TestLog.recover(disk.afterPowerLoss(new Random(7)), wal.durableLsn(), read);
            assertEquals(written, read);
        }
    }

    private static CommitWaiter waiter(List<Long> told) {
        return new CommitWaiter() {
            @Override
            public void reached(long lsn) {
                told.add(lsn);
            }

            @Override
            public void lost(MillraceException cause) {
                throw cause;
            }
        };
    }
}
