package io.millrace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whole stores of each format version, as they were written then: one that was closed, and one whose process died with log to redo, a transaction
 * to roll back and a page torn in its home write. They must open, hold what they held, and be of use. Run with
 * {@code -Dmillrace.test.args=-Dmillrace.golden=write} to write them anew after a deliberate change of format, in the same commit.
 */
final class GoldenStoreTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String CLOSED = "golden/store-v1-closed.zip";
    private static final String KILLED = "golden/store-v1-killed.zip";
    private static final int AREA = 65 * StoreFixture.PAGE_SIZE;
    private static final int BATCH_NUMBER_AT = 24;
    private static final int ENTRIES_AT = 64;

    @TempDir
    private Path directory;

    @Test
    void aClosedStore() throws IOException {
        StoreFixture.write(golden(CLOSED), directory);
        Store store = StoreFixture.open(directory);
        RecoveryReport report = store.recoveryReport();
        assertTrue(report.cleanClose());
        assertFalse(report.created());
        assertEquals(0, report.transactionsRolledBack());
        assertEquals(List.of(), report.damagedPages());
        assertSound(store, null);
    }

    @Test
    void aKilledStore() throws IOException {
        StoreFixture.write(golden(KILLED), directory);
        Store store = StoreFixture.open(directory);
        RecoveryReport report = store.recoveryReport();
        assertFalse(report.cleanClose());
        assertEquals(1, report.transactionsRolledBack());
        assertEquals(2, report.changesUndone());
        assertEquals(1, report.tornPagesRestored());
        assertTrue(report.changesRedone() > 0, report.toString());
        assertEquals(List.of(), report.damagedPages());
        assertSound(store, 43L);
    }

    /** Content and trees; then the store is written to, closed and opened again. */
    private void assertSound(Store store, Long late) throws IOException {
        assertContent(store, late);
        words(store).put("new", 44L).block(PATIENCE);
        StoreFixture.close(store);
        StoreFixture.assertTreesAreSound(directory);
        Store again = StoreFixture.open(directory);
        assertTrue(again.recoveryReport().cleanClose());
        assertContent(again, late);
        assertEquals(44L, words(again).get("new").block(PATIENCE));
        StoreFixture.close(again);
    }

    private static void assertContent(Store store, Long late) {
        StoreFixture.assertFilled(store);
        assertEquals(late, words(store).get("late").block(PATIENCE));
        assertEquals(
                List.of("numbers", "words"), store.maps().sort().collectList().block(PATIENCE));
    }

    private static OrderedMap<String, Long> words(Store store) {
        return store.map("words", Codecs.utf8(), Codecs.int64());
    }

    private Map<String, byte[]> closed() throws IOException {
        Path place = directory.resolve("made");
        Store store = StoreFixture.open(place);
        StoreFixture.fill(store);
        StoreFixture.close(store);
        return StoreFixture.read(place);
    }

    /** As if the process had died in a home write of a checkpoint, before its control slot was written. */
    private Map<String, byte[]> killed() throws IOException {
        Path place = directory.resolve("made");
        Store store = StoreFixture.open(place);
        // Behind it nobody writes slots.
        store.checkpoint().block(PATIENCE);
        byte[] control = StoreFixture.read(place).get("millrace.control");
        StoreFixture.fill(store);
        store.checkpoint().block(PATIENCE);
        Map<String, byte[]> files = new TreeMap<>(StoreFixture.read(place));
        files.put("millrace.control", control);
        words(store).put("late", 43L).block(PATIENCE);
        StoreFixture.read(place).forEach((name, bytes) -> {
            if (name.startsWith("wal")) {
                files.put(name, bytes);
            }
        });
        StoreFixture.close(store);
        tear(files);
        return files;
    }

    /** Of a page whose copy stands in the newest batch only the first half is at home. */
    private static void tear(Map<String, byte[]> files) {
        ByteBuffer areas = ByteBuffer.wrap(files.get("millrace.dwb")).order(ByteOrder.LITTLE_ENDIAN);
        int area = areas.getLong(BATCH_NUMBER_AT) > areas.getLong(AREA + BATCH_NUMBER_AT) ? 0 : AREA;
        int begin = (int) areas.getLong(area + ENTRIES_AT) * StoreFixture.PAGE_SIZE;
        byte[] data = files.get("millrace.data");
        Arrays.fill(data, begin + StoreFixture.PAGE_SIZE / 2, begin + StoreFixture.PAGE_SIZE, (byte) 0x55);
    }

    private Map<String, byte[]> golden(String resource) throws IOException {
        if ("write".equals(System.getProperty("millrace.golden"))) {
            Path file = Path.of("src/test/resources", resource);
            Files.createDirectories(file.getParent());
            Files.write(file, zip(resource.equals(CLOSED) ? closed() : killed()));
            return unzip(Files.readAllBytes(file));
        }
        try (InputStream in = GoldenStoreTest.class.getClassLoader().getResourceAsStream(resource)) {
            assertNotNull(in, resource);
            return unzip(in.readAllBytes());
        }
    }

    private static byte[] zip(Map<String, byte[]> files) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (Map.Entry<String, byte[]> file : files.entrySet()) {
                zip.putNextEntry(new ZipEntry(file.getKey()));
                zip.write(file.getValue());
            }
        }
        return bytes.toByteArray();
    }

    private static Map<String, byte[]> unzip(byte[] bytes) throws IOException {
        Map<String, byte[]> files = new TreeMap<>();
        try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(bytes))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                files.put(entry.getName(), zip.readAllBytes());
            }
        }
        return files;
    }
}
