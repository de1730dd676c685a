package io.millrace.wal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.common.EngineThreads;
import io.millrace.error.MillraceException;
import io.millrace.error.OutcomeUnknownException;
import io.millrace.testkit.Fault;
import io.millrace.testkit.FaultPlan;
import io.millrace.testkit.IoKind;
import io.millrace.testkit.Seeds;
import io.millrace.testkit.SimulatedDirectory;
import io.millrace.testkit.SimulatedThreads;
import io.millrace.wal.TestLog.Durable;
import io.millrace.wal.TestLog.Events;
import io.millrace.wal.TestLog.Grant;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What each way to the disk promises, and when batches are written and forced. */
final class WalSyncTest {
    private static final long HOUR = TimeUnit.HOURS.toNanos(1);
    private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);

    private final SimulatedDirectory disk = TestLog.disk(11);
    private final Events events = new Events();

    WalSyncTest() throws IOException {}

    private Wal start(SyncMode mode, long interval, long maxDelay) throws IOException {
        WalOptions options = TestLog.options(new LogSync(mode, interval, maxDelay), EngineThreads.SYSTEM);
        return Wal.start(options, disk, TestLog.fresh(), Runnable::run, events);
    }

    private static Durable append(Wal wal, long number, int length) {
        Durable waiter = new Durable();
        assertTrue(wal.tryAdmit(length, 0, Share.NORMAL));
        TestLog.append(wal, number, length, waiter);
        return waiter;
    }

    private static int recovered(SimulatedDirectory disk) throws IOException {
        TreeMap<Long, Long> records = new TreeMap<>();
        TestLog.recover(disk, records);
        return records.size();
    }

    @ParameterizedTest
    @EnumSource(
            value = SyncMode.class,
            names = {"INTERVAL", "NONE"})
    void aLogThatLagsAnswersWhatIsWritten(SyncMode mode) throws IOException {
        Wal wal = start(mode, HOUR, 0);
        assertEquals(1, append(wal, 1, 100).lsn());

        assertEquals(1, wal.visibleLsn());
        assertEquals(0, wal.durableLsn());
        assertEquals(0, wal.stats().forces());
        Durable unrecorded = new Durable();
        wal.whenVisible(1, unrecorded);
        assertEquals(1, unrecorded.lsn());
        assertEquals(1, recovered(disk.kill()), "the death of the process loses nothing");
    }

    @Test
    void whoeverNeedsDurabilityGetsItFromALogThatLags() throws IOException {
        try (Wal wal = start(SyncMode.NONE, 0, 0)) {
            append(wal, 1, 100).lsn();
            wal.awaitDurable(1);
            assertEquals(1, wal.durableLsn());
            assertEquals(1, recovered(disk.afterPowerLoss(new Random(1))));
            append(wal, 2, 100).lsn();
            assertEquals(1, wal.stats().forces());
        }
        assertEquals(2, recovered(disk.afterPowerLoss(new Random(1))), "close forces");
    }

    @Test
    void anIntervalForcesByItself() {
        SimulatedThreads threads = new SimulatedThreads(3);
        threads.run(() -> {
            try {
                WalOptions options = TestLog.options(new LogSync(SyncMode.INTERVAL, 10 * MILLI, 0), threads);
                try (Wal wal = Wal.start(options, disk, TestLog.fresh(), Runnable::run, events)) {
                    for (int i = 0; i < 30; i++) {
                        append(wal, i, 100);
                        threads.park(this, MILLI);
                    }
                    assertEquals(30, wal.visibleLsn());
                    assertTrue(wal.durableLsn() >= 10, "at " + wal.durableLsn());
                    assertTrue(wal.stats().forces() <= 4, "not for each batch");
                    threads.park(this, 20 * MILLI);
                    assertEquals(30, wal.durableLsn(), "also when nothing more comes");
                }
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
        });
    }

    @Test
    void aSegmentIsForcedBeforeTheNextOneBegins() throws IOException {
        try (Wal wal = start(SyncMode.NONE, 0, 0)) {
            for (int i = 0; wal.durableLsn() == 0; i++) {
                TestLog.writeSoon(wal, i, 10_000);
                assertTrue(i < 100);
            }
            assertEquals(1, wal.stats().forces());
        }
    }

    @ParameterizedTest
    @EnumSource(SyncMode.class)
    void powerLossLeavesABeginningOfTheLog(SyncMode mode) {
        Seeds.forEach(6, (seed, dice) -> {
            SimulatedDirectory now = TestLog.disk(seed);
            now.tornAtAnyByte(name -> mode != SyncMode.DIRECT);
            LogStart start = TestLog.fresh();
            TreeMap<Long, Long> expected = new TreeMap<>();
            long number = 0;
            long from = 0;
            for (int life = 1; life <= 6; life++) {
                Wal wal = Wal.start(TestLog.options(mode), now, start, Runnable::run, new Events());
                long visible = 0;
                for (int i = dice.nextInt(120); i >= 0; i--) {
                    int length = TestLog.LEAST + dice.nextInt(dice.nextInt(4) == 0 ? 9_000 : 600);
                    long lsn = TestLog.writeSoon(wal, number, length);
                    expected.put(lsn, number++);
                    if (dice.nextInt(20) == 0) {
                        wal.awaitDurable(lsn);
                    }
                }
                visible = wal.visibleLsn();
                long durable = wal.durableLsn();
                if (dice.nextBoolean() && durable > 0) {
                    // So that segments are written over what they held before.
                    from = durable;
                    wal.truncateBefore(from);
                    expected = new TreeMap<>(expected.tailMap(from, true));
                    wal.awaitDurable(TestLog.writeRecycling(wal, number, expected));
                    number = expected.lastEntry().getValue() + 1;
                    durable = wal.durableLsn();
                    visible = wal.visibleLsn();
                }
                boolean power = dice.nextInt(3) != 0;
                now = power ? now.crash(dice) : now.kill();
                TreeMap<Long, Long> found = new TreeMap<>();
                RecoveredLog log = TestLog.recoverFrom(now, from, durable, found);
                assertTrue(log.endLsn() >= (power && mode.lags() ? durable : visible));
                expected = new TreeMap<>(expected.headMap(log.endLsn(), true));
                assertEquals(expected, found);
                start = LogRecovery.seal(log, life + 1);
            }
        });
    }

    @Test
    void directBlocksHaveSectorsOfTheirOwn() throws IOException {
        try (Wal wal = start(SyncMode.DIRECT, 0, 0)) {
            LogImage before = LogImage.of(disk);
            for (int i = 0; i < 30; i++) {
                TestLog.writeDurably(wal, i, 50 + 300 * i);
                LogImage after = LogImage.of(disk);
                List<Integer> blocks = after.directBlocks(1);
                assertEquals(i + 1, blocks.size());
                int last = blocks.get(i);
                assertEquals(0, last % 4096);
                if (i > 0) {
                    byte[] was = Arrays.copyOf(before.segment(1), last);
                    assertTrue(Arrays.equals(was, Arrays.copyOf(after.segment(1), last)));
                }
                before = after;
            }
        }
        assertEquals(30, recovered(disk));
    }

    @Test
    void whoAsksIsToldWhatIsWrittenBeforeItIsForced() throws IOException {
        Wal wal = start(SyncMode.FORCE, 0, 0);
        disk.holdForces();
        Early waiter = new Early();
        assertTrue(wal.tryAdmit(100, 0, Share.NORMAL));
        TestLog.append(wal, 1, 100, waiter);
        assertEquals(1L, waiter.written.join());
        assertFalse(waiter.reached.isDone());
        assertEquals(0, wal.visibleLsn(), "others do not see it yet");
        disk.releaseForces();
        assertEquals(1L, waiter.reached.join());
        wal.close();
    }

    @Test
    void whatIsWrittenAndNotForcedIsUnknownAfterAFailure() throws IOException {
        Wal wal = start(SyncMode.FORCE, 0, 0);
        TestLog.writeDurably(wal, 0, 100);
        disk.faults(FaultPlan.none().at(IoKind.FORCE, SegmentLayout.fileName(1)::equals, 1, Fault.IO_ERROR));
        Early waiter = new Early();
        assertTrue(wal.tryAdmit(100, 0, Share.NORMAL));
        TestLog.append(wal, 1, 100, waiter);
        assertEquals(2L, waiter.written.join());
        assertThrows(OutcomeUnknownException.class, () -> rethrow(waiter.lost.join()));
        wal.close();
    }

    private static void rethrow(MillraceException cause) {
        throw cause;
    }

    @Test
    void aFailedForceOfALogThatLagsIsFinal() throws IOException {
        Wal wal = start(SyncMode.NONE, 0, 0);
        append(wal, 0, 100).lsn();
        disk.faults(FaultPlan.none().from(IoKind.FORCE, SegmentLayout.fileName(1)::equals, 1, Fault.IO_ERROR));
        assertThrows(MillraceException.class, () -> wal.awaitDurable(1));
        assertTrue(wal.isPoisoned());
        assertEquals(0, wal.durableLsn());
        wal.close();
    }

    @Test
    void aBatchWaitsForCompany() {
        SimulatedThreads threads = new SimulatedThreads(4);
        threads.run(() -> {
            try {
                WalOptions options = TestLog.options(new LogSync(SyncMode.FORCE, 0, 10 * MILLI), threads);
                try (Wal wal = Wal.start(options, disk, TestLog.fresh(), Runnable::run, events)) {
                    for (int i = 0; i < 5; i++) {
                        append(wal, i, 100);
                        threads.park(this, MILLI);
                    }
                    assertEquals(0, wal.durableLsn());
                    threads.park(this, 15 * MILLI);
                    assertEquals(5, wal.durableLsn());
                    assertEquals(1, wal.stats().forces());
                }
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
        });
    }

    @Test
    void recordsThatNobodyWaitsForShareTheForceOfOneThatSomebodyDoes() {
        SimulatedThreads threads = new SimulatedThreads(5);
        threads.run(() -> {
            try {
                WalOptions options = TestLog.options(new LogSync(SyncMode.FORCE, 0, 0), threads);
                try (Wal wal = Wal.start(options, disk, TestLog.fresh(), Runnable::run, events)) {
                    for (int i = 0; i < 5; i++) {
                        TestLog.write(wal, i, 100);
                        threads.park(this, MILLI);
                    }
                    assertEquals(0, wal.durableLsn());
                    append(wal, 5, 100);
                    threads.park(this, MILLI);
                    assertEquals(6, wal.durableLsn());
                    assertEquals(1, wal.stats().forces());

                    TestLog.write(wal, 6, 100);
                    threads.park(this, 30 * MILLI);
                    assertEquals(7, wal.durableLsn(), "also when nobody ever waits");
                }
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
        });
    }

    @Test
    void nobodyWaitsForTheDelayWhoNeedsRoomOrDurability() throws IOException {
        Wal wal = start(SyncMode.FORCE, 0, HOUR);
        append(wal, 1, 100);
        wal.awaitDurable(1);
        TestLog.until(() -> wal.stats().heldSlots() == 0);
        append(wal, 2, 100);
        while (wal.tryAdmit(TestLog.LARGEST, 0, Share.NORMAL)) {
            // Taken and not used: only the slots of the record that waits can come back.
            assertTrue(wal.stats().heldSlots() < 256);
        }
        int left = 0;
        while (wal.tryAdmit(100, 0, Share.NORMAL)) {
            left++;
        }
        assertTrue(left < 256);
        Grant grant = new Grant();
        wal.awaitAdmission(100, 0, Share.NORMAL, grant);
        grant.await();
        assertEquals(2, wal.durableLsn());
        TestLog.append(wal, 3, 100, null);
        wal.close();
        assertEquals(3, recovered(disk), "nor does the close");
    }

    /** Wants to know when it is written. */
    private static final class Early implements CommitWaiter {
        private final CompletableFuture<Long> written = new CompletableFuture<>();
        private final CompletableFuture<Long> reached = new CompletableFuture<>();
        private final CompletableFuture<MillraceException> lost = new CompletableFuture<>();

        @Override
        public boolean wantsWritten() {
            return true;
        }

        @Override
        public void written(long lsn) {
            written.complete(lsn);
        }

        @Override
        public void reached(long lsn) {
            reached.complete(lsn);
        }

        @Override
        public void lost(MillraceException cause) {
            lost.complete(cause);
        }
    }
}
