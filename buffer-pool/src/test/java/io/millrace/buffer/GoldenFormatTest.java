package io.millrace.buffer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.millrace.common.EngineThreads;
import io.millrace.common.Memory;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.agrona.BufferUtil;
import org.junit.jupiter.api.Test;

/**
 * The bytes of format version 1, as files. Run with {@code -Dmillrace.test.args=-Dmillrace.golden=write} to write them anew after a deliberate
 * change of format, in the same commit.
 */
class GoldenFormatTest {
    private static final int PAGE = 4096;
    private static final long STORE = 0x0123_4567_89AB_CDEFL;

    /** Batch 5 of a store, with the pages 9 and 2, as it stands in its area. */
    private static byte[] area() {
        long page = Memory.allocateZeroed(PAGE);
        WriteBatch batch = new WriteBatch(4, PAGE);
        for (long pageId : new long[] {9, 2}) {
            PageLayout.format(page, PageLayout.KIND_LEAF, pageId, 0x0A0B_0C0D);
            PageLayout.version(page, 1);
            PageLayout.flags(page, 0x1122);
            PageLayout.pageLsn(page, 0x1000 + pageId);
            for (int at = PageLayout.BODY; at < PAGE; at++) {
                Memory.putByte(page + at, (byte) (at * pageId));
            }
            batch.add(0, pageId, page);
        }
        Memory.free(page);
        batch.stampChecksums();
        batch.seal(STORE, 5, 0x2000);
        byte[] bytes = new byte[3 * PAGE];
        batch.wholeImage().get(bytes);
        return bytes;
    }

    @Test
    void doubleWriteAreaIsAsInVersionOne() throws IOException {
        assertArrayEquals(golden("double-write-v1.bin", area()), area());
    }

    @Test
    void pageIsAsInVersionOne() throws IOException {
        byte[] written = Arrays.copyOfRange(area(), PAGE, 2 * PAGE);
        byte[] page = golden("page-v1.bin", written);
        assertArrayEquals(page, written);
        ByteBuffer image = BufferUtil.allocateDirectAligned(PAGE, PAGE);
        image.put(page).clear();
        assertNull(PageVerifier.verify("golden", 9, image, 0, PAGE));
        long address = BufferUtil.address(image);
        assertEquals(PageLayout.KIND_LEAF, PageLayout.kind(address));
        assertEquals(1, PageLayout.version(address));
        assertEquals(0x1122, PageLayout.flags(address));
        assertEquals(0x1009, PageLayout.pageLsn(address));
        assertEquals(9, PageLayout.pageId(address));
        assertEquals(0x0A0B_0C0D, PageLayout.treeId(address));
    }

    @Test
    void oldDoubleWriteFileRestoresItsPages() throws IOException {
        MemoryDirectory directory = new MemoryDirectory();
        WriteFailures failures = new WriteFailures(cause -> {});
        DataFile dataFile = DataFile.create(directory, PAGE, failures);
        dataFile.growTo(16);
        DoubleWriteArea.create(directory, STORE, PAGE, failures).close();
        directory.overwrite(
                DoubleWriteArea.NAME,
                DoubleWriteLayout.areaOffset(DoubleWriteLayout.areaOf(5), PAGE),
                golden("double-write-v1.bin", area()));
        DoubleWriteArea area = DoubleWriteArea.open(directory, STORE, PAGE, failures, EngineThreads.SYSTEM);
        assertEquals(0x2000, area.readProof());
        assertEquals(2, area.recover(dataFile, 4));
        assertEquals(5, area.lastRetiredBatch());
        ByteBuffer image = BufferUtil.allocateDirectAligned(PAGE, PAGE);
        dataFile.read(2, image);
        assertEquals(0x1002, PageLayout.pageLsn(BufferUtil.address(image)));
    }

    private static byte[] golden(String name, byte[] written) throws IOException {
        if ("write".equals(System.getProperty("millrace.golden"))) {
            Path file = Path.of("src", "test", "resources", "golden", name);
            Files.createDirectories(file.getParent());
            Files.write(file, written);
            return written;
        }
        try (InputStream in = GoldenFormatTest.class.getResourceAsStream("/golden/" + name)) {
            assertNotNull(in, "missing golden file " + name);
            return in.readAllBytes();
        }
    }
}
