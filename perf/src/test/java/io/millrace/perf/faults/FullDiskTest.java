package io.millrace.perf.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millrace.perf.faults.LoadLog.Failed;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A disk that is really full, and has space again. Skipped where no small file system may be mounted. */
@Timeout(180)
class FullDiskTest {
    private static final List<String> SETTINGS =
            List.of("buffer-pool.page-size=4KiB", "buffer-pool.size=8MiB", "wal.segment-size=256KiB");

    @TempDir
    private Path mountPoint;

    private final LoadLog log = new LoadLog();
    private SmallDisk disk;

    @BeforeEach
    void mount() throws IOException, InterruptedException {
        String missing = SmallDisk.missing(mountPoint);
        if (missing != null) {
            System.out.println("FullDiskTest is skipped: " + missing);
        }
        assumeTrue(missing == null, missing);
        disk = SmallDisk.mount(mountPoint, "64m");
    }

    @AfterEach
    void unmount() throws IOException {
        if (disk != null) {
            disk.close();
        }
    }

    private LoadChild start(String... more) throws IOException, InterruptedException {
        List<String> settings = new ArrayList<>(SETTINGS);
        settings.addAll(List.of(more));
        LoadChild child = LoadChild.start(disk.entering(), store(), log, settings);
        assertEquals("opened", child.awaitOpened());
        return child;
    }

    private String store() {
        return mountPoint.resolve("store").toString();
    }

    private void assertNothingLost() throws IOException, InterruptedException {
        try (LoadChild child = start()) {
            log.assertNothingLost(child.contents());
            child.assertCloses();
        }
    }

    private void assertDoesNotOpen() throws IOException, InterruptedException {
        String word = refusal(store());
        assertTrue(saysThatTheDiskIsFull(word), word);
    }

    private boolean saysThatTheDiskIsFull(String word) {
        return word.startsWith("failed StorageFullException | the disk is full: there is no room for " + store());
    }

    private String refusal(String directory) throws IOException, InterruptedException {
        try (LoadChild child = LoadChild.start(disk.entering(), directory, log, SETTINGS)) {
            return child.awaitOpened();
        }
    }

    private void writeUntilFull(LoadChild child) throws IOException, InterruptedException {
        int from = child.size();
        child.tell("run");
        child.awaitAcknowledgements(from, 500);
        disk.fill();
        child.awaitStopped(from);
        assertFalse(log.failed().isEmpty());
        for (Failed failed : log.failed()) {
            assertEquals("StorageFullException", failed.error(), failed.text());
        }
        child.assertReadsGoOn();
    }

    @Test
    void writesGoOnWhenThereIsSpaceAgain() throws IOException, InterruptedException {
        try (LoadChild child = start()) {
            for (int again = 0; again < 3; again++) {
                writeUntilFull(child);
                disk.free();
                int from = child.size();
                child.tell("insist");
                child.awaitAcknowledgements(from, 500);
                child.ask("stop", "stopped");
                child.assertReadsGoOn();
            }
            child.assertCloses();
        }
        assertNothingLost();
    }

    @Test
    void aStoreOnAFullDiskCanBeClosed() throws IOException, InterruptedException {
        try (LoadChild child = start()) {
            writeUntilFull(child);
            child.assertCloses();
        }
        disk.free();
        assertNothingLost();
    }

    @Test
    void aStoreThatDiedOnAFullDiskLosesNothing() throws IOException, InterruptedException {
        try (LoadChild child = start("checkpoint.interval=24h")) {
            writeUntilFull(child);
        }
        disk.fill();
        // Whether it can open depends on what it had prepared: a segment of log that nothing was written to is used
        // then.
        String word = refusal(store());
        assertTrue(word.equals("opened") || saysThatTheDiskIsFull(word), word);
        disk.free();
        assertNothingLost();
    }

    @Test
    void aDirectoryThatCannotBeWrittenIsNamed() throws IOException, InterruptedException {
        try (LoadChild child = start()) {
            child.assertCloses();
        }
        disk.makeReadOnly();
        for (String directory : List.of(store(), mountPoint.resolve("new").toString())) {
            String word = refusal(directory);
            assertTrue(word.startsWith("failed StorageIoException | cannot open " + directory), word);
            assertTrue(word.contains("Read-only file system"), word);
        }
    }

    @Test
    void noStoreIsCreatedOnAFullDisk() throws IOException, InterruptedException {
        disk.fill();
        assertDoesNotOpen();
        disk.free();
        assertNothingLost();
    }
}
