package io.millrace.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LocalFileTest {

    @TempDir
    Path temp;

    private LocalDirectory directory;
    private StorageFile file;

    @BeforeEach
    void open() throws IOException {
        directory = LocalDirectory.open(temp.resolve("store"));
        file = directory.open("data", OpenMode.CREATE);
    }

    @AfterEach
    void close() throws IOException {
        file.close();
        directory.close();
    }

    @Test
    void readsBackAndStopsAtTheEnd() throws IOException {
        file.write(100, bytes(50, 7));
        assertEquals(150, file.size());
        ByteBuffer dst = ByteBuffer.allocateDirect(80);
        assertEquals(60, file.read(90, dst));
        assertEquals(0, dst.get(9));
        assertEquals(7, dst.get(10));
        assertEquals(0, file.read(150, ByteBuffer.allocateDirect(1)));
        file.force(false);
        file.truncate(120);
        assertEquals(120, file.size());
    }

    @Test
    void anInterruptNeitherClosesTheFileNorGetsLost() throws IOException {
        Thread.currentThread().interrupt();
        try {
            file.write(0, bytes(4096, 3));
            assertTrue(Thread.currentThread().isInterrupted());
            file.force(true);
            assertEquals(8, file.read(0, ByteBuffer.allocateDirect(8)));
            assertEquals(4096, file.size());
            directory.force();
            file.truncate(1);
        } finally {
            assertTrue(Thread.interrupted(), "flag restored");
        }
        assertEquals(1, file.size());
        assertFalse(Thread.currentThread().isInterrupted());
    }

    @Test
    void aClosedFileSaysSo() throws IOException {
        file.close();
        file.close();
        assertThrows(ClosedChannelException.class, () -> file.read(0, ByteBuffer.allocateDirect(1)));
        assertThrows(ClosedChannelException.class, () -> file.force(false));
    }

    @Test
    void synchronousWritesWork() throws IOException {
        try (StorageFile log = directory.open("log", OpenMode.CREATE, OpenFlag.DSYNC)) {
            log.write(0, bytes(512, 1));
            assertEquals(512, log.size());
        }
    }

    @Test
    void aFullDiskIsToldFromOtherFailures() throws IOException {
        Path full = Path.of("/dev/full");
        if (!Files.isWritable(full)) {
            System.out.println("LocalFileTest skips the full disk: there is no " + full);
        }
        assumeTrue(Files.isWritable(full), "no " + full);
        Files.createSymbolicLink(temp.resolve("store/full"), full);
        try (StorageFile device = directory.open("full", OpenMode.READ_WRITE)) {
            NoSpaceException failure = assertThrows(NoSpaceException.class, () -> device.write(0, bytes(10, 1)));
            assertEquals(directory.path("full"), failure.path());
        }
        assertTrue(directory.delete("full"), "the link, not the device");
    }

    @Test
    void aFileOpenedForReadingRefusesWrites() throws IOException {
        try (StorageFile reader = directory.open("data", OpenMode.READ)) {
            assertThrows(RuntimeException.class, () -> reader.write(0, bytes(1, 1)));
        }
    }

    private static ByteBuffer bytes(int length, int value) {
        ByteBuffer buffer = ByteBuffer.allocateDirect(length);
        for (int i = 0; i < length; i++) {
            buffer.put(i, (byte) value);
        }
        return buffer;
    }
}
