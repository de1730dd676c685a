package io.millrace.wal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.storage.OpenMode;
import io.millrace.storage.StorageFile;
import io.millrace.testkit.Fault;
import io.millrace.testkit.FaultPlan;
import io.millrace.testkit.IoKind;
import io.millrace.testkit.SimulatedDirectory;
import io.millrace.wal.TestLog.Events;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Sealed segments go to the archive, each whole and once, whatever happens on the way. */
final class LogArchiveTest {
    private static final int PER_SEGMENT = 27;

    private SimulatedDirectory disk = TestLog.disk(14);
    private SimulatedDirectory archive = new SimulatedDirectory(15);
    private LogStart start = TestLog.fresh();
    private final TreeMap<Long, Long> written = new TreeMap<>();
    private long number;

    LogArchiveTest() throws IOException {}

    private Wal start() throws IOException {
        WalOptions options = TestLog.options().keeping(new LogKeeping(0, 0, archive));
        return Wal.start(options, disk, start, Runnable::run, new Events());
    }

    private void write(Wal wal, int segments) {
        for (int i = 0; i < segments * PER_SEGMENT; i++) {
            written.put(TestLog.writeDurably(wal, number, 9_000), number++);
        }
    }

    /** Archive and log together are the whole log. */
    private void checkNothingIsMissing() throws IOException {
        SimulatedDirectory all = LogImage.of(disk).disk();
        for (String name : archive.list("")) {
            if (!name.endsWith(".log")) {
                continue;
            }
            try (StorageFile from = archive.open(name, OpenMode.READ)) {
                ByteBuffer bytes = ByteBuffer.allocate((int) from.size());
                from.read(0, bytes);
                String target = SegmentLayout.DIRECTORY + "/" + name;
                all.delete(target);
                try (StorageFile to = all.open(target, OpenMode.CREATE)) {
                    to.write(0, bytes.flip());
                }
            }
        }
        TreeMap<Long, Long> found = new TreeMap<>();
        TestLog.recover(all, found);
        assertEquals(written, found);
    }

    @Test
    void everySealedSegmentIsArchivedBeforeItGoes() throws IOException {
        try (Wal wal = start()) {
            for (int i = 0; i < 6; i++) {
                write(wal, 1);
                wal.truncateBefore(wal.durableLsn());
            }
            TestLog.until(() -> wal.stats().archivedSegments() >= 5);
            assertEquals("archive", wal.holders().get(0).name());
            wal.truncateBefore(wal.durableLsn());
            assertTrue(wal.reader().oldestLsn() > 1);
        }
        checkNothingIsMissing();
    }

    @Test
    void aFailureHoldsTheLogAndIsTriedAgain() throws IOException {
        archive.faults(FaultPlan.none().at(IoKind.FORCE, 1, Fault.IO_ERROR));
        try (Wal wal = start()) {
            write(wal, 3);
            TestLog.until(() -> wal.stats().archiveFailures() == 1);
            wal.truncateBefore(wal.durableLsn());
            assertEquals(1, wal.reader().oldestLsn());
            TestLog.until(() -> wal.stats().archivedSegments() >= 2);
        }
        checkNothingIsMissing();
    }

    @Test
    void aCrashAtAnyCallLosesAndRepeatsNothing() throws IOException {
        for (int call = 1; call <= 16; call++) {
            archive.faults(FaultPlan.none().atChange(call, call % 2 == 0 ? Fault.CRASH : Fault.CRASH_AFTER));
            Wal wal = start();
            write(wal, 3);
            SimulatedDirectory failing = archive;
            TestLog.until(() -> failing.isStopped() || wal.stats().archivedSegments() >= 2);
            wal.truncateBefore(wal.durableLsn());
            long from = wal.reader().oldestLsn();
            disk = disk.kill();
            archive = archive.crash(new Random(call));
            start = LogRecovery.seal(TestLog.recoverFrom(disk, from, wal.durableLsn(), new TreeMap<>()), call + 1);
            checkNothingIsMissing();
        }
    }
}
