package io.millrace.wal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.error.OutcomeUnknownException;
import io.millrace.error.StorageFullException;
import io.millrace.error.StorageIoException;
import io.millrace.testkit.Fault;
import io.millrace.testkit.FaultPlan;
import io.millrace.testkit.IoKind;
import io.millrace.testkit.SimulatedDirectory;
import io.millrace.wal.TestLog.Durable;
import io.millrace.wal.TestLog.Events;
import io.millrace.wal.TestLog.Grant;
import java.io.IOException;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A failed write or force is final (L9); a full disk is not (L13). */
final class WalFailureTest {
    private static final Predicate<String> FIRST = SegmentLayout.fileName(1)::equals;

    private final SimulatedDirectory disk = TestLog.disk(9);
    private final Events events = new Events();
    private Wal wal;

    WalFailureTest() throws IOException {}

    @BeforeEach
    void start() throws IOException {
        wal = TestLog.start(disk, events);
        TestLog.writeDurably(wal, 0, 100);
        TestLog.until(() -> wal.stats().segments() == 3);
    }

    @ParameterizedTest
    @CsvSource({"WRITE,IO_ERROR", "WRITE,SHORT_WRITE", "WRITE,NO_SPACE", "FORCE,IO_ERROR", "FORCE,NO_SPACE"})
    void aFailedWriteOrForceIsFinal(IoKind kind, Fault fault) throws IOException {
        disk.faults(FaultPlan.none().at(kind, FIRST, 1, fault));
        Durable without = new Durable();
        wal.whenVisible(2, without);
        assertTrue(wal.tryAdmit(100, 0, Share.NORMAL));
        Durable record = new Durable();
        TestLog.append(wal, 1, 100, record);

        OutcomeUnknownException unknown = assertInstanceOf(OutcomeUnknownException.class, record.cause());
        assertEquals(2, unknown.commitLsn());
        assertInstanceOf(StorageIoException.class, without.cause());
        assertTrue(wal.isPoisoned());
        assertSame(wal.poisonCause(), unknown.getCause());
        assertEquals(1, events.poisonings());
        assertEquals(1, wal.durableLsn());
        assertRefused();
        assertThrows(StorageIoException.class, () -> wal.awaitDurable(2));
        wal.awaitDurable(1);

        TreeMap<Long, Long> left = new TreeMap<>();
        TestLog.recover(disk.afterPowerLoss(new Random(1)), 1, left);
        assertTrue(left.size() == 1 || left.size() == 2);
    }

    private void assertRefused() {
        assertFalse(wal.tryAdmit(20, 0, Share.COMMIT));
        Grant grant = new Grant();
        wal.awaitAdmission(20, 0, Share.COMMIT, grant);
        StorageIoException refusal = assertInstanceOf(StorageIoException.class, grant.refusal());
        assertSame(wal.poisonCause(), refusal.getCause());
    }

    @Test
    void nothingIsWrittenAfterAFailureAndTheForceIsNotRepeated() {
        disk.faults(FaultPlan.none().at(IoKind.FORCE, FIRST, 1, Fault.IO_ERROR));
        // Credits taken before the failure may still be used after it.
        assertTrue(wal.tryAdmit(100, 0, Share.NORMAL));
        assertTrue(wal.tryAdmit(100, 0, Share.NORMAL));
        Durable first = new Durable();
        TestLog.append(wal, 1, 100, first);
        assertNotNull(first.cause());
        long changes = disk.changes();

        Durable second = new Durable();
        TestLog.append(wal, 2, 100, second);

        assertInstanceOf(OutcomeUnknownException.class, second.cause());
        assertEquals(changes, disk.changes());
        assertEquals(1, wal.durableLsn());
    }

    @Test
    void aVoidRecordPoisonsAndIsNeverWritten() {
        disk.holdForces();
        TestLog.write(wal, 1, 100);
        TestLog.until(() -> disk.forcesWaiting() == 1);
        assertTrue(wal.tryAdmit(100, 0, Share.NORMAL));
        assertTrue(wal.tryAdmit(100, 0, Share.NORMAL));
        long claimed = wal.claim(100);
        wal.copy(claimed, 100, TestLog.encode(2, 100).address());
        IllegalStateException cause = new IllegalStateException("planned wrongly");
        wal.publishVoid(claimed, 100, cause);
        Durable behind = new Durable();
        TestLog.append(wal, 3, 100, behind);
        long writes = disk.calls(IoKind.WRITE);
        disk.releaseForces();

        assertInstanceOf(OutcomeUnknownException.class, behind.cause());
        assertSame(cause, wal.poisonCause());
        assertEquals(writes, disk.calls(IoKind.WRITE));
        assertRefused();
    }

    @Test
    void anErrorInTellingIsFinalTooAndNobodyIsForgotten() throws IOException {
        wal.close();
        SimulatedDirectory fresh = TestLog.disk(10);
        OutOfMemoryError error = new OutOfMemoryError("planned");
        AtomicInteger calls = new AtomicInteger();
        Events failing = new Events() {
            @Override
            public void batchDurable(Runnable batch) {
                if (calls.incrementAndGet() <= 2) {
                    throw error;
                }
                super.batchDurable(batch);
            }
        };
        wal = TestLog.start(fresh, failing);
        assertTrue(wal.tryAdmit(100, 0, Share.NORMAL));
        Durable record = new Durable();
        TestLog.append(wal, 1, 100, record);

        assertSame(
                error,
                assertInstanceOf(OutcomeUnknownException.class, record.cause()).getCause());
        assertSame(error, wal.poisonCause());
        assertRefused();
        wal.close();
    }

    @Test
    void poisonFromElsewhereStopsTheLog() {
        IOException cause = new IOException("the data file failed");
        Durable waiting = new Durable();
        wal.whenVisible(100, waiting);
        wal.poison(cause);
        wal.poison(new IOException("a later failure"));

        assertInstanceOf(StorageIoException.class, waiting.cause());
        assertSame(cause, wal.poisonCause());
        assertEquals(1, events.poisonings());
        assertRefused();
    }

    @Test
    void aFullDiskRefusesAndResumesByItself() throws IOException {
        disk.capacity(0);
        int length = TestLog.LARGEST;
        long number = 1;
        // What is prepared is used up first; then nobody but the preparer could make room.
        while (wal.tryAdmit(length, 0, Share.NORMAL)) {
            wal.awaitDurable(TestLog.append(wal, number++, length, null));
        }
        Grant grant = new Grant();
        wal.awaitAdmission(length, 0, Share.NORMAL, grant);
        StorageFullException full = assertInstanceOf(StorageFullException.class, grant.refusal());
        assertEquals(256 << 10, full.neededBytes());
        assertTrue(number > 12);
        assertFalse(wal.isPoisoned());
        assertTrue(wal.tryAdmit(length, 0, Share.COMMIT), "commit and rollback still have room");
        wal.awaitDurable(TestLog.append(wal, number++, length, null));

        disk.capacity(Long.MAX_VALUE);
        TestLog.until(() -> wal.tryAdmit(length, 0, Share.NORMAL));
        wal.awaitDurable(TestLog.append(wal, number++, length, null));
        wal.close();
        assertEquals(number, readAll().size());
    }

    @Test
    void aSegmentThatCanNotBeForcedIsAFailureOfTheDevice() {
        disk.faults(FaultPlan.none().from(IoKind.FORCE, FIRST.negate(), 1, Fault.IO_ERROR));
        for (int i = 1; i < 10; i++) {
            if (wal.tryAdmit(TestLog.LARGEST, 0, Share.NORMAL)) {
                TestLog.append(wal, i, TestLog.LARGEST, null);
            }
        }
        TestLog.until(() -> wal.isPoisoned() || tryWrite());
        assertInstanceOf(IOException.class, wal.poisonCause());
    }

    private boolean tryWrite() {
        if (wal.tryAdmit(TestLog.LARGEST, 0, Share.NORMAL)) {
            TestLog.append(wal, 99, TestLog.LARGEST, null);
        }
        return false;
    }

    private TreeMap<Long, Long> readAll() throws IOException {
        TreeMap<Long, Long> records = new TreeMap<>();
        TestLog.recover(disk, records);
        return records;
    }
}
