package io.millrace.testkit;

import static io.millrace.testkit.Disks.content;
import static io.millrace.testkit.Disks.durable;
import static io.millrace.testkit.Disks.filled;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.error.StoreLockedException;
import io.millrace.storage.NoSpaceException;
import io.millrace.storage.OpenFlag;
import io.millrace.storage.OpenMode;
import io.millrace.storage.StorageFile;
import io.millrace.storage.StorageLock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Faults, limits and ordinary behaviour of the simulated disk. */
final class SimulatedFaultTest {

    private final SimulatedDirectory disk = new SimulatedDirectory(1);

    @Test
    void theNthWriteFailsAndNoOther() throws IOException {
        StorageFile file = disk.open("data", OpenMode.CREATE);
        disk.faults(FaultPlan.none().at(IoKind.WRITE, 2, Fault.IO_ERROR));
        file.write(0, filled(1, 1));
        assertThrows(IOException.class, () -> file.write(1, filled(1, 1)));
        file.write(1, filled(1, 1));
        assertEquals(3, disk.calls(IoKind.WRITE));
        assertEquals(4, disk.changes());
        assertEquals(2, file.size());
    }

    @Test
    void rulesMayNameFilesAndLast() throws IOException {
        StorageFile file = disk.open("data", OpenMode.CREATE);
        disk.faults(FaultPlan.none().from(IoKind.FORCE, "log"::equals, 1, Fault.IO_ERROR));
        file.force(false);
        StorageFile log = disk.open("log", OpenMode.CREATE);
        assertThrows(IOException.class, () -> log.force(false));
        assertThrows(IOException.class, () -> log.force(false));
    }

    @Test
    void aShortWriteLeavesAPrefix() throws IOException {
        StorageFile file = durable(disk, "data", 1000, 0);
        disk.faults(FaultPlan.none().at(IoKind.WRITE, 1, Fault.SHORT_WRITE));
        assertThrows(IOException.class, () -> file.write(0, filled(1000, 1)));
        byte[] left = content(disk, "data");
        int length = 0;
        while (length < 1000 && left[length] == 1) {
            length++;
        }
        assertTrue(length < 1000);
        assertEquals(0, left[length]);
    }

    @Test
    void aFailedForceIsNotMadeGoodByALaterOne() throws IOException {
        StorageFile file = durable(disk, "data", 1024, 0);
        file.write(0, filled(512, 1));
        disk.faults(FaultPlan.none().at(IoKind.FORCE, 1, Fault.IO_ERROR));
        assertThrows(IOException.class, () -> file.force(false));
        file.write(512, filled(512, 2));
        file.force(false);
        Random dice = new Random(3);
        Set<Integer> first = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            byte[] left = content(disk.afterPowerLoss(dice), "data");
            first.add((int) left[0]);
            assertEquals(2, left[512]);
        }
        assertEquals(Set.of(0, 1), first);
        file.write(0, filled(512, 3));
        file.force(false);
        assertEquals(3, content(disk.afterPowerLoss(dice), "data")[0]);
    }

    @Test
    void aFailedForceOfADirectoryIsNotMadeGoodEither() throws IOException {
        disk.open("data", OpenMode.CREATE).close();
        disk.faults(FaultPlan.none().at(IoKind.FORCE_DIRECTORY, 1, Fault.IO_ERROR));
        assertThrows(IOException.class, disk::force);
        disk.force();
        Random dice = new Random(3);
        Set<Boolean> there = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            there.add(disk.afterPowerLoss(dice).exists("data"));
        }
        assertEquals(Set.of(true, false), there);
    }

    @Test
    void theMachineStopsBeforeOrAfterTheCall() throws IOException {
        durable(disk, "a", 1, 1).close();
        disk.faults(FaultPlan.none().atChange(1, Fault.CRASH));
        assertTrue(disk.exists("a"));
        assertThrows(SimulatedCrash.class, () -> disk.rename("a", "b"));
        assertThrows(SimulatedCrash.class, () -> disk.exists("a"));
        SimulatedDirectory second = disk.kill();
        assertTrue(second.exists("a"));
        second.faults(FaultPlan.none().atCall(1, Fault.CRASH_AFTER));
        assertThrows(SimulatedCrash.class, () -> second.rename("a", "b"));
        assertTrue(second.kill().exists("b"));
    }

    @Test
    void aFullDiskTakesWhatFitsAndRecovers() throws IOException {
        disk.capacity(1000);
        StorageFile file = disk.open("data", OpenMode.CREATE);
        file.write(0, filled(600, 1));
        assertEquals(400, disk.usableBytes());
        assertThrows(NoSpaceException.class, () -> file.write(600, filled(600, 1)));
        assertEquals(1000, file.size());
        assertThrows(NoSpaceException.class, () -> disk.open("other", OpenMode.CREATE));
        file.write(0, filled(1000, 2));
        disk.capacity(2000);
        file.write(1000, filled(1000, 1));
        disk.delete("data");
        assertEquals(2000, disk.usableBytes());
    }

    @Test
    void aBitAtRestFlipsForGood() throws IOException {
        durable(disk, "data", 100, 0).close();
        disk.flipBit("data", 42, 3);
        assertEquals(8, content(disk, "data")[42]);
        assertEquals(8, content(disk.crash(new Random(1)), "data")[42]);
    }

    @Test
    void heldForcesWaitAndARunningMachineLetsThemGo() throws Exception {
        StorageFile file = durable(disk, "data", 1, 0);
        disk.holdForces();
        CompletableFuture<Void> force = CompletableFuture.runAsync(() -> forceUnchecked(file));
        while (disk.forcesWaiting() == 0) {
            Thread.onSpinWait();
        }
        assertFalse(force.isDone());
        disk.releaseForces();
        force.get(10, TimeUnit.SECONDS);
    }

    @Test
    void behavesLikeTheRealOne() throws IOException {
        StorageFile file = durable(disk, "data", 10, 1);
        assertEquals(4, file.read(6, ByteBuffer.allocate(100)));
        assertEquals(0, file.read(10, ByteBuffer.allocate(100)));
        file.truncate(100);
        assertEquals(10, file.size());
        file.close();
        file.close();
        assertEquals(0, disk.openFiles());
        assertThrows(ClosedChannelException.class, file::size);
        StorageFile direct = disk.open("data", OpenMode.READ, OpenFlag.DIRECT);
        assertThrows(IOException.class, () -> direct.read(1, ByteBuffer.allocate(512)));
        assertThrows(IllegalArgumentException.class, () -> disk.exists("a/b/c"));
        StorageLock held = disk.lock("lock");
        assertThrows(StoreLockedException.class, () -> disk.lock("lock"));
        held.close();
        disk.lock("lock").close();
    }

    private static void forceUnchecked(StorageFile file) {
        try {
            file.force(false);
        } catch (IOException failure) {
            throw new AssertionError(failure);
        }
    }
}
