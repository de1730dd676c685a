package io.millrace.recovery;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.millrace.storage.OpenMode;
import io.millrace.storage.StorageFile;
import io.millrace.testkit.SimulatedDirectory;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/**
 * The bytes of a control file of format version 1. Run with {@code -Dmillrace.test.args=-Dmillrace.golden=write} to write them anew after a
 * deliberate change of format, in the same commit.
 */
final class GoldenControlFileTest {
    private static final String RESOURCE = "golden/control-v1.bin";
    private static final ControlRecord OLDER =
            new ControlRecord(0x0123_4567_89AB_CDEFL, 3, 8192, 11, 12, 13, 14, 15, 16, 0);
    private static final ControlRecord NEWER =
            new ControlRecord(0x0123_4567_89AB_CDEFL, 4, 8192, 0x1111, 0x2222, 0x3333, 0x4444, 5, 0x6666, 0x7777);

    private static byte[] generate() throws IOException {
        SimulatedDirectory directory = new SimulatedDirectory(1);
        ControlFile.create(directory, ControlFile.NAME, OLDER);
        try (ControlFile control = ControlFile.open(directory)) {
            control.write(NEWER);
        }
        try (StorageFile file = directory.open(ControlFile.NAME, OpenMode.READ)) {
            ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(file.size()));
            file.read(0, bytes);
            return bytes.array();
        }
    }

    private static byte[] golden() throws IOException {
        if ("write".equals(System.getProperty("millrace.golden"))) {
            Path file = Path.of("src/test/resources", RESOURCE);
            Files.createDirectories(file.getParent());
            Files.write(file, generate());
            return Files.readAllBytes(file);
        }
        try (InputStream in = GoldenControlFileTest.class.getClassLoader().getResourceAsStream(RESOURCE)) {
            assertNotNull(in, RESOURCE);
            return in.readAllBytes();
        }
    }

    @Test
    void theFormatHasNotChanged() throws IOException {
        assertArrayEquals(golden(), generate());
    }

    @Test
    void whatIsDrawnInTheDocumentStandsWhereItIsDrawn() throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(golden()).order(ByteOrder.LITTLE_ENDIAN);
        assertEquals(8192, bytes.capacity());
        int slot = 4096; // the third write
        assertEquals("MILLRACE", new String(golden(), slot, 8, java.nio.charset.StandardCharsets.US_ASCII));
        assertEquals(1, bytes.getInt(slot + 8));
        assertEquals(0, bytes.getLong(slot + 16));
        assertEquals(3, bytes.getLong(slot + 24));
        assertEquals(0x0123_4567_89AB_CDEFL, bytes.getLong(slot + 32));
        assertEquals(4, bytes.getLong(slot + 40));
        assertEquals(8192, bytes.getInt(slot + 48));
        assertEquals(0x1111, bytes.getLong(slot + 56));
        assertEquals(0x2222, bytes.getLong(slot + 64));
        assertEquals(0x3333, bytes.getLong(slot + 72));
        assertEquals(0x4444, bytes.getLong(slot + 80));
        assertEquals(5, bytes.getLong(slot + 88));
        assertEquals(0x7777, bytes.getLong(slot + 96));
        assertEquals(0x6666, bytes.getLong(slot + 104));
        assertEquals(2, bytes.getLong(24), "the slot before");
    }

    @Test
    void theGoldenFileCanBeRead() throws IOException {
        SimulatedDirectory directory = new SimulatedDirectory(1);
        try (StorageFile file = directory.open(ControlFile.NAME, OpenMode.CREATE)) {
            file.write(0, ByteBuffer.wrap(golden()));
        }
        try (ControlFile control = ControlFile.open(directory)) {
            assertEquals(NEWER, control.current());
            assertEquals(12, control.oldestNeededLsn());
        }
    }
}
