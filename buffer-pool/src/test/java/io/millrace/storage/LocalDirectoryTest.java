package io.millrace.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.error.StoreLockedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LocalDirectoryTest {

    @TempDir
    Path temp;

    @Test
    void createsTheDirectoryWithItsParents() throws IOException {
        try (LocalDirectory directory = LocalDirectory.open(temp.resolve("a/b/c"))) {
            assertTrue(Files.isDirectory(temp.resolve("a/b/c")));
            assertEquals(temp.resolve("a/b/c").toString(), directory.describe());
            assertEquals(temp.resolve("a/b/c/wal/1").toString(), directory.path("wal/1"));
            assertTrue(directory.usableBytes() > 0);
        }
        LocalDirectory.open(temp.resolve("a/b/c")).close();
        Files.createFile(temp.resolve("file"));
        assertThrows(FileAlreadyExistsException.class, () -> LocalDirectory.open(temp.resolve("file")));
    }

    @Test
    void listsCreatesRenamesAndDeletes() throws IOException {
        try (LocalDirectory directory = LocalDirectory.open(temp)) {
            assertEquals(List.of(), directory.list("wal"));
            directory.createDirectory("wal");
            directory.createDirectory("wal");
            directory.force();
            directory.open("wal/2", OpenMode.CREATE).close();
            directory.open("wal/1", OpenMode.CREATE).close();
            directory.open("data", OpenMode.CREATE).close();
            directory.force("wal");
            assertEquals(List.of("wal/1", "wal/2"), directory.list("wal"));
            assertEquals(List.of("data"), directory.list(""));
            directory.rename("wal/1", "wal/2");
            assertEquals(List.of("wal/2"), directory.list("wal"));
            assertFalse(directory.exists("wal/1"));
            assertTrue(directory.delete("wal/2"));
            assertFalse(directory.delete("wal/2"));
        }
    }

    @Test
    void opensByMode() throws IOException {
        try (LocalDirectory directory = LocalDirectory.open(temp)) {
            assertThrows(NoSuchFileException.class, () -> directory.open("data", OpenMode.READ_WRITE));
            directory.open("data", OpenMode.CREATE).close();
            assertThrows(FileAlreadyExistsException.class, () -> directory.open("data", OpenMode.CREATE));
            try (StorageFile file = directory.open("data", OpenMode.READ_WRITE)) {
                file.write(0, ByteBuffer.allocateDirect(3));
                assertEquals("data", file.name());
            }
        }
    }

    @Test
    void refusesNamesOutside() throws IOException {
        try (LocalDirectory directory = LocalDirectory.open(temp)) {
            for (String name : new String[] {"", "/etc/passwd", "..", "a/..", "a/b/c", "a//b", "./a", "a\\b"}) {
                assertThrows(IllegalArgumentException.class, () -> directory.exists(name), name);
            }
            assertThrows(IllegalArgumentException.class, () -> directory.list("a/b"));
        }
    }

    @Test
    void oneLockPerProcess() throws IOException {
        try (LocalDirectory directory = LocalDirectory.open(temp);
                LocalDirectory same = LocalDirectory.open(temp.resolve("../" + temp.getFileName()))) {
            StorageLock lock = directory.lock("lock");
            StoreLockedException refused = assertThrows(StoreLockedException.class, () -> same.lock("lock"));
            assertTrue(refused.sameProcess());
            lock.close();
            lock.close();
            same.lock("lock").close();
        }
    }

    @Test
    void oneLockPerMachineEvenAfterARefusalInThisProcess() throws Exception {
        try (LocalDirectory directory = LocalDirectory.open(temp)) {
            StorageLock lock = directory.lock("lock");
            assertThrows(StoreLockedException.class, () -> directory.lock("lock"));
            assertEquals(LockProbe.REFUSED, LockProbe.run(temp));
            lock.close();
            assertEquals(LockProbe.TAKEN, LockProbe.run(temp));
        }
    }
}
