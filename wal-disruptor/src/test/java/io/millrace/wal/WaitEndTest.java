package io.millrace.wal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.error.MillraceException;
import io.millrace.error.OutcomeUnknownException;
import io.millrace.error.StorageIoException;
import io.millrace.error.StoreClosedException;
import io.millrace.testkit.Fault;
import io.millrace.testkit.FaultPlan;
import io.millrace.testkit.IoKind;
import io.millrace.testkit.SimulatedDirectory;
import io.millrace.wal.TestLog.Durable;
import io.millrace.wal.TestLog.Events;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Every wait ends, with the right answer, whatever fails and whenever the log closes. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class WaitEndTest {
    private static final String FIRST = SegmentLayout.fileName(1);

    private final SimulatedDirectory disk = TestLog.disk(12);
    private final Events events = new Events();

    WaitEndTest() throws IOException {}

    private Wal start() throws IOException {
        Wal wal = TestLog.start(disk, events);
        TestLog.writeDurably(wal, 0, 100);
        TestLog.until(() -> wal.stats().segments() == 3);
        return wal;
    }

    @Test
    void closeAfterAFailureWithRecordsOnTheirWayEnds() throws IOException {
        Wal wal = start();
        disk.holdForces();
        TestLog.write(wal, 1, 100);
        TestLog.until(() -> disk.forcesWaiting() == 1);
        assertTrue(wal.tryAdmit(100, 0, Share.NORMAL));
        Durable record = new Durable();
        TestLog.append(wal, 2, 100, record);
        wal.poison(new IOException("elsewhere"));
        disk.releaseForces();
        assertInstanceOf(OutcomeUnknownException.class, record.cause());
        wal.close();
        assertEquals(0, disk.openFiles());
    }

    @Test
    void closeEndsEveryWait() throws IOException {
        Wal wal = start();
        Durable never = new Durable();
        wal.whenVisible(1_000, never);
        wal.close();
        wal.close();

        assertInstanceOf(StoreClosedException.class, never.cause());
        Durable tooLate = new Durable();
        wal.whenVisible(1_000, tooLate);
        assertInstanceOf(StoreClosedException.class, tooLate.cause());
        Durable known = new Durable();
        wal.whenVisible(1, known);
        assertEquals(1, known.lsn());
        assertThrows(StoreClosedException.class, () -> wal.awaitDurable(1_000));
    }

    @Test
    void whoeverClosesReturnsWhenItIsClosed() throws Exception {
        Wal wal = start();
        disk.holdForces();
        TestLog.write(wal, 1, 100);
        TestLog.until(() -> disk.forcesWaiting() == 1);
        List<CompletableFuture<Integer>> closers = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            closers.add(CompletableFuture.supplyAsync(() -> {
                try {
                    wal.close();
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
                return disk.openFiles();
            }));
        }
        TestLog.until(() -> !wal.tryAdmit(100, 0, Share.NORMAL));
        disk.releaseForces();
        for (CompletableFuture<Integer> closer : closers) {
            assertEquals(0, closer.get(20, TimeUnit.SECONDS));
        }
    }

    @Test
    void eachRecordsOutcomeNamesItsOwnLsn() throws IOException {
        Wal wal = start();
        disk.holdForces();
        TestLog.write(wal, 1, 100);
        TestLog.until(() -> disk.forcesWaiting() == 1);
        List<Durable> records = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            assertTrue(wal.tryAdmit(300, 0, Share.NORMAL));
            records.add(new Durable());
            TestLog.append(wal, i, 300, records.get(i));
        }
        disk.faults(FaultPlan.none().at(IoKind.WRITE, FIRST::equals, 1, Fault.IO_ERROR));
        disk.releaseForces();
        for (int i = 0; i < 3; i++) {
            MillraceException cause = records.get(i).cause();
            assertEquals(4 + 2 * i, ((OutcomeUnknownException) cause).commitLsn());
        }
    }

    @Test
    void anErrorOnTheLogThreadPoisonsInsteadOfKillingItSilently() throws IOException {
        Wal wal = start();
        disk.faults(FaultPlan.none().at(IoKind.FORCE, FIRST::equals, 1, Fault.CRASH));
        assertTrue(wal.tryAdmit(100, 0, Share.NORMAL));
        long lsn = TestLog.append(wal, 1, 100, null);
        assertThrows(StorageIoException.class, () -> wal.awaitDurable(lsn));
        assertTrue(wal.isPoisoned());
    }
}
