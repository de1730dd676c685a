package io.millrace.wal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.millrace.testkit.SimulatedDirectory;
import io.millrace.wal.TestLog.Events;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * The format on disk, byte by byte: a log written today equals the one in the repository, and that one can be read. After a wanted change of
 * format, {@code -Dmillrace.golden=write} writes it anew (into src/test/resources); the change wants a new version number.
 */
final class GoldenLogTest {
    private static final String RESOURCE = "golden/log-v1.bin";
    private static final int[] LENGTHS = {24, 256, 257, 1_000, 64};

    /** A segment up to its last block: header, then five blocks of one record each. */
    private static byte[] generate() throws IOException {
        SimulatedDirectory disk = TestLog.disk(11);
        try (Wal wal = TestLog.start(disk, new Events())) {
            for (int i = 0; i < LENGTHS.length; i++) {
                TestLog.writeDurably(wal, i, LENGTHS[i]);
            }
        }
        LogImage image = LogImage.of(disk);
        int last = image.blocks(1).get(LENGTHS.length - 1);
        return Arrays.copyOf(image.segment(1), last + image.length(1, last));
    }

    private static byte[] golden() throws IOException {
        if ("write".equals(System.getProperty("millrace.golden"))) {
            Path file = Path.of("src/test/resources", RESOURCE);
            Files.createDirectories(file.getParent());
            Files.write(file, generate());
            return Files.readAllBytes(file);
        }
        try (InputStream in = GoldenLogTest.class.getClassLoader().getResourceAsStream(RESOURCE)) {
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
        LogImage image = new LogImage();
        image.segment(1, golden());
        var bytes = image.view(1);
        assertEquals(0x00474F4C4C4C494DL, bytes.getLong(0));
        assertEquals(1, bytes.getInt(8));
        assertEquals(0, bytes.getInt(12));
        assertEquals(TestLog.STORE, bytes.getLong(16));
        assertEquals(1, bytes.getLong(24));
        assertEquals(1, bytes.getLong(32));
        assertEquals(1, bytes.getInt(40));
        assertEquals(0, bytes.getInt(44));

        int second = 4096 + 80 + 24;
        assertEquals(0x314B4C42, bytes.getInt(second));
        assertEquals(256, bytes.getInt(second + 8));
        assertEquals(bytes.getInt(4096 + 4), bytes.getInt(second + 12));
        assertEquals(TestLog.STORE, bytes.getLong(second + 16));
        assertEquals(1, bytes.getLong(second + 24));
        assertEquals(second, bytes.getInt(second + 32));
        assertEquals(1, bytes.getInt(second + 36));
        assertEquals(2, bytes.getLong(second + 40));
        assertEquals(2, bytes.getLong(second + 48));
        assertEquals(1, bytes.getLong(second + 56));
        assertEquals(1, bytes.getInt(second + 64));
        assertEquals(16, bytes.getShort(second + 68));
        assertEquals(0, bytes.getShort(second + 70));
        assertEquals(0, bytes.getLong(second + 72));
        assertEquals(256, bytes.getInt(second + 80));
        assertEquals(1, bytes.get(second + 84));
    }

    @Test
    void theGoldenLogCanBeRead() throws IOException {
        LogImage image = new LogImage();
        image.segment(1, golden());
        TreeMap<Long, Long> records = new TreeMap<>();
        assertEquals(9, TestLog.recover(image.disk(), 9, records).endLsn());
        assertEquals(new TreeMap<>(Map.of(1L, 0L, 2L, 1L, 4L, 2L, 8L, 3L, 9L, 4L)), records);
    }
}
