package io.millrace.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.common.Crc32c;
import io.millrace.error.CorruptPageException;
import io.millrace.error.IncompatibleFormatException;
import io.millrace.storage.OpenMode;
import io.millrace.storage.StorageFile;
import io.millrace.testkit.Fault;
import io.millrace.testkit.FaultPlan;
import io.millrace.testkit.IoKind;
import io.millrace.testkit.Seeds;
import io.millrace.testkit.SimulatedCrash;
import io.millrace.testkit.SimulatedDirectory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The control file keeps one whole slot through any crash, and says what is wrong with a damaged one. */
final class ControlFileTest {
    private static ControlRecord record(long number) {
        return new ControlRecord(77, 1, 16384, number, number, number, number, number, number, 0);
    }

    private static SimulatedDirectory created(long seed) throws IOException {
        SimulatedDirectory directory = new SimulatedDirectory(seed);
        ControlFile.create(directory, ControlFile.NAME, record(0));
        directory.force();
        return directory;
    }

    @Test
    void theNewerSlotCounts() throws IOException {
        SimulatedDirectory directory = created(1);
        for (long number = 1; number <= 5; number++) {
            try (ControlFile control = ControlFile.open(directory)) {
                assertEquals(record(number - 1), control.current());
                control.write(record(number));
                assertEquals(number - 1, control.oldestNeededLsn());
            }
        }
    }

    @Test
    void aCrashInAWriteLeavesTheOldOrTheNewRecord() {
        Seeds.forEach(200, (seed, random) -> {
            SimulatedDirectory directory = created(seed);
            long last = 0;
            directory.faults(FaultPlan.none().atChange(1 + random.nextInt(9), Fault.CRASH));
            try (ControlFile control = ControlFile.open(directory)) {
                while (true) {
                    control.write(record(last + 1));
                    last++;
                }
            } catch (SimulatedCrash crash) {
                assertSurvives(directory.crash(new Random(seed)), last);
            }
        });
    }

    private static void assertSurvives(SimulatedDirectory after, long last) throws IOException {
        try (ControlFile control = ControlFile.open(after)) {
            long found = control.current().restartLsn();
            assertTrue(found == last || found == last + 1, "last forced " + last + ", found " + found);
        }
    }

    @Test
    void oneDamagedSlotIsSurvivedTwoAreNot() throws IOException {
        SimulatedDirectory directory = created(3);
        directory.flipBit(ControlFile.NAME, 60, 3);
        try (ControlFile control = ControlFile.open(directory)) {
            assertEquals(record(0), control.current());
        }
        directory.flipBit(ControlFile.NAME, ControlFileLayout.SLOT_DISTANCE + 60L, 3);
        CorruptPageException damage = assertThrows(
                CorruptPageException.class, () -> ControlFile.open(directory).close());
        assertTrue(damage.getMessage().contains(ControlFile.NAME), damage.getMessage());
        assertEquals(0, directory.openFiles());
    }

    @Test
    void aNewerVersionIsRefused() throws IOException {
        SimulatedDirectory directory = created(4);
        try (StorageFile file = directory.open(ControlFile.NAME, OpenMode.READ_WRITE)) {
            for (int index = 0; index < 2; index++) {
                long at = (long) index * ControlFileLayout.SLOT_DISTANCE;
                ByteBuffer slot =
                        ByteBuffer.allocateDirect(ControlFileLayout.LENGTH).order(ByteOrder.LITTLE_ENDIAN);
                file.read(at, slot);
                slot.putInt(ControlFileLayout.VERSION_AT, ControlFileLayout.VERSION + 1);
                slot.putInt(ControlFileLayout.CHECKSUM_AT, Crc32c.of(slot, 0, ControlFileLayout.CHECKSUM_AT));
                slot.clear();
                file.write(at, slot);
            }
        }
        assertThrows(
                IncompatibleFormatException.class,
                () -> ControlFile.open(directory).close());
    }

    @Test
    void aFailedForceReachesTheCaller() throws IOException {
        SimulatedDirectory directory = created(5);
        try (ControlFile control = ControlFile.open(directory)) {
            directory.faults(FaultPlan.none().at(IoKind.FORCE, 1, Fault.IO_ERROR));
            assertThrows(IOException.class, () -> control.write(record(1)));
            assertEquals(record(0), control.current());
        }
    }
}
