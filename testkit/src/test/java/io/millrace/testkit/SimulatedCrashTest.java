package io.millrace.testkit;

import static io.millrace.testkit.Disks.content;
import static io.millrace.testkit.Disks.durable;
import static io.millrace.testkit.Disks.filled;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.storage.OpenFlag;
import io.millrace.storage.OpenMode;
import io.millrace.storage.StorageFile;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a power loss, or the death of the process, may and may not do to the simulated disk. */
final class SimulatedCrashTest {

    private static final int TRIES = 400;

    private final SimulatedDirectory disk = new SimulatedDirectory(1);
    private final Random dice = new Random(2);

    @Test
    void forcedDataSurvivesEveryCrash() throws IOException {
        StorageFile file = durable(disk, "data", 5000, 1);
        file.write(512, filled(512, 2));
        file.force(true);
        file.write(4096, filled(512, 3));
        for (int i = 0; i < TRIES; i++) {
            byte[] left = content(disk.afterPowerLoss(dice), "data");
            assertEquals(5000, left.length);
            for (int at = 0; at < 4096; at++) {
                assertEquals(at >= 512 && at < 1024 ? 2 : 1, left[at]);
            }
        }
    }

    @Test
    void unforcedSectorsSurviveInAnyCombination() throws IOException {
        StorageFile file = durable(disk, "data", 2048, 0);
        file.write(256, filled(1024, 1));
        Set<String> outcomes = new HashSet<>();
        for (int i = 0; i < TRIES; i++) {
            byte[] left = content(disk.afterPowerLoss(dice), "data");
            outcomes.add("" + left[256] + left[512] + left[1024]);
            assertEquals(left[256], left[511], "sectors are whole");
            assertEquals(left[512], left[1023], "sectors are whole");
            assertEquals(left[1024], left[1279], "sectors are whole");
        }
        assertEquals(8, outcomes.size(), outcomes::toString);
    }

    @Test
    void ofTwoUnforcedWritesEitherMaySurviveAlone() throws IOException {
        StorageFile file = durable(disk, "data", 1024, 0);
        file.write(0, filled(512, 1));
        file.write(512, filled(512, 2));
        Set<String> outcomes = new HashSet<>();
        for (int i = 0; i < TRIES; i++) {
            byte[] left = content(disk.afterPowerLoss(dice), "data");
            outcomes.add("" + left[0] + left[512]);
        }
        assertEquals(Set.of("00", "10", "02", "12"), outcomes);
    }

    @Test
    void chosenFilesTearInsideASector() throws IOException {
        disk.tornAtAnyByte(name -> name.equals("log"));
        StorageFile log = durable(disk, "log", 512, 0);
        StorageFile data = durable(disk, "data", 512, 0);
        log.write(0, filled(512, 1));
        data.write(0, filled(512, 1));
        Set<Integer> sums = new HashSet<>();
        for (int i = 0; i < TRIES; i++) {
            SimulatedDirectory after = disk.afterPowerLoss(dice);
            sums.add(sum(content(after, "log")));
            int whole = sum(content(after, "data"));
            assertTrue(whole == 0 || whole == 512);
        }
        assertTrue(sums.size() > 50, sums::toString);
    }

    @Test
    void theSizeMaySurviveWithoutTheData() throws IOException {
        StorageFile file = durable(disk, "data", 512, 1);
        file.write(512, filled(512, 2));
        Set<String> outcomes = new HashSet<>();
        for (int i = 0; i < TRIES; i++) {
            byte[] left = content(disk.afterPowerLoss(dice), "data");
            outcomes.add(left.length + ":" + left[left.length - 1]);
        }
        assertEquals(Set.of("512:1", "1024:0", "1024:2"), outcomes);
    }

    @Test
    void anUnforcedEntryMayVanishThoughTheFileWasForced() throws IOException {
        StorageFile file = disk.open("data", OpenMode.CREATE);
        file.write(0, filled(10, 1));
        file.force(true);
        assertEquals(Set.of(List.of(), List.of("data")), listings());
        disk.force();
        assertEquals(Set.of(List.of("data")), listings());
    }

    @Test
    void anUnforcedRenameOrDeleteMayBeUndone() throws IOException {
        durable(disk, "a", 1, 1).close();
        durable(disk, "b", 2, 2).close();
        disk.rename("a", "b");
        assertEquals(Set.of(List.of("a", "b"), List.of("b")), listings());
        disk.force();
        assertArrayEquals(new byte[] {1}, content(disk.afterPowerLoss(dice), "b"));
        disk.delete("b");
        assertEquals(Set.of(List.of("b"), List.of()), listings());
        disk.force();
        assertEquals(Set.of(List.of()), listings());
    }

    @Test
    void aRenamedFileNeverHasTwoNames() throws IOException {
        durable(disk, "a", 1, 1).close();
        disk.rename("a", "b");
        disk.rename("b", "c");
        assertEquals(Set.of(List.of("a"), List.of("b"), List.of("c")), listings());
    }

    @Test
    void anUnforcedSubdirectoryTakesItsFilesAlong() throws IOException {
        disk.createDirectory("wal");
        StorageFile segment = disk.open("wal/1", OpenMode.CREATE);
        segment.force(true);
        disk.force("wal");
        Set<Boolean> outcomes = new HashSet<>();
        for (int i = 0; i < TRIES; i++) {
            SimulatedDirectory after = disk.afterPowerLoss(dice);
            assertEquals(after.exists("wal"), after.exists("wal/1"));
            outcomes.add(after.exists("wal"));
        }
        assertEquals(Set.of(true, false), outcomes);
        disk.force();
        assertTrue(disk.afterPowerLoss(dice).exists("wal/1"));
    }

    @Test
    void theDeathOfTheProcessLosesNothingAndForcesNothing() throws IOException {
        StorageFile file = disk.open("data", OpenMode.CREATE);
        file.write(0, filled(512, 1));
        SimulatedDirectory second = disk.kill();
        assertArrayEquals(filled(512, 1).array(), content(second, "data"));
        assertThrows(SimulatedCrash.class, () -> file.force(false));
        assertThrows(SimulatedCrash.class, () -> disk.list(""));
        file.close();
        assertTrue(second.hasUnforced("data"));
        Set<List<String>> outcomes = new HashSet<>();
        for (int i = 0; i < TRIES; i++) {
            outcomes.add(second.afterPowerLoss(dice).list(""));
        }
        assertEquals(Set.of(List.of(), List.of("data")), outcomes);
    }

    @Test
    void aSynchronousWriteIsDurableButTheOthersAreNot() throws IOException {
        durable(disk, "log", 2048, 0).close();
        StorageFile log = disk.open("log", OpenMode.READ_WRITE, OpenFlag.DSYNC);
        StorageFile plain = disk.open("log", OpenMode.READ_WRITE);
        plain.write(0, filled(2048, 1));
        log.write(512, filled(512, 2));
        Set<Integer> others = new HashSet<>();
        for (int i = 0; i < TRIES; i++) {
            byte[] left = content(disk.afterPowerLoss(dice), "log");
            assertEquals(2, left[512]);
            assertEquals(2, left[1023]);
            others.add((int) left[1024]);
        }
        assertEquals(Set.of(0, 1), others);
    }

    @Test
    void theSameSeedLeavesTheSameDisk() throws IOException {
        StorageFile file = disk.open("data", OpenMode.CREATE);
        file.write(0, filled(50_000, 1));
        disk.force();
        byte[] first = content(disk.afterPowerLoss(new Random(5)), "data");
        assertArrayEquals(first, content(disk.crash(new Random(5)), "data"));
        assertTrue(disk.isStopped());
        assertFalse(disk.afterPowerLoss(new Random(5)).isStopped());
    }

    private Set<List<String>> listings() throws IOException {
        Set<List<String>> listings = new HashSet<>();
        for (int i = 0; i < TRIES; i++) {
            listings.add(disk.afterPowerLoss(dice).list(""));
        }
        return listings;
    }

    private static int sum(byte[] bytes) {
        int sum = 0;
        for (byte each : bytes) {
            sum += each;
        }
        return sum;
    }
}
