package io.millrace.buffer;

import static io.millrace.buffer.PoolFixture.PAGE;
import static io.millrace.buffer.PoolFixture.STORE;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.common.EngineThreads;
import io.millrace.common.Memory;
import io.millrace.error.CorruptPageException;
import io.millrace.error.IncompatibleFormatException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.agrona.BufferUtil;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DoubleWriteAreaTest {
    private final MemoryDirectory directory = new MemoryDirectory();
    private final WriteFailures failures = new WriteFailures(cause -> {});
    private DataFile dataFile;
    private DoubleWriteArea area;
    private long page;

    @BeforeEach
    void create() {
        dataFile = DataFile.create(directory, PAGE, failures);
        dataFile.growTo(16);
        area = DoubleWriteArea.create(directory, STORE, PAGE, failures);
        page = Memory.allocateZeroed(PAGE);
    }

    @AfterEach
    void free() {
        Memory.free(page);
    }

    private WriteBatch batch(long... pagesAndLsns) {
        WriteBatch batch = new WriteBatch(8, PAGE);
        for (int i = 0; i < pagesAndLsns.length; i += 2) {
            PageLayout.format(page, PageLayout.KIND_LEAF, pagesAndLsns[i], 7);
            PageLayout.pageLsn(page, pagesAndLsns[i + 1]);
            Memory.setMemory(page + PageLayout.BODY, PAGE - PageLayout.BODY, (byte) pagesAndLsns[i + 1]);
            batch.add(0, pagesAndLsns[i], page);
        }
        batch.stampChecksums();
        return batch;
    }

    private long writeWholly(WriteBatch batch) {
        long number = area.write(batch);
        batch.writeHome(dataFile);
        dataFile.force();
        area.retire(number);
        return number;
    }

    private DoubleWriteArea reopened() {
        return DoubleWriteArea.open(directory, STORE, PAGE, failures, EngineThreads.SYSTEM);
    }

    private void tear(long pageId) {
        directory.overwrite(DataFile.NAME, pageId * PAGE + PAGE / 2, new byte[512]);
    }

    private byte[] home(long pageId) {
        return Arrays.copyOfRange(directory.content(DataFile.NAME), (int) pageId * PAGE, (int) (pageId + 1) * PAGE);
    }

    private boolean isSound(long pageId) {
        ByteBuffer image = BufferUtil.allocateDirectAligned(PAGE, PAGE);
        dataFile.read(pageId, image);
        return PageVerifier.verify("x", pageId, image.clear(), 0, PAGE) == null;
    }

    @Test
    void tornHomePagesAreRestored() {
        WriteBatch batch = batch(3, 30, 5, 31);
        area.write(batch);
        batch.writeHome(dataFile);
        byte[] whole = home(3);
        tear(3);
        assertTrue(!isSound(3));
        assertEquals(1, reopened().recover(dataFile, 0));
        assertArrayEquals(whole, home(3));
        assertTrue(isSound(5));
        assertEquals(0, reopened().recover(dataFile, 0), "may be repeated");
    }

    @Test
    void olderHomePageIsReplaced() {
        writeWholly(batch(3, 30));
        area.write(batch(3, 40));
        assertEquals(1, reopened().recover(dataFile, 1));
        assertEquals(40, home(3)[PageLayout.PAGE_LSN]);
    }

    @Test
    void retiredBatchIsNotUsed() {
        long number = writeWholly(batch(3, 30));
        tear(3);
        byte[] torn = home(3);
        assertEquals(0, reopened().recover(dataFile, number));
        assertArrayEquals(torn, home(3));
    }

    @Test
    void highestLsnWinsAndStaleCopyDoesNot() {
        writeWholly(batch(3, 30));
        writeWholly(batch(3, 40));
        tear(3);
        assertEquals(1, reopened().recover(dataFile, 0));
        assertEquals(40, home(3)[PageLayout.PAGE_LSN]);
    }

    @Test
    void newerHomePageStays() {
        writeWholly(batch(3, 30));
        WriteBatch later = batch(3, 50);
        later.writeHome(dataFile);
        assertEquals(0, reopened().recover(dataFile, 0));
        assertEquals(50, home(3)[PageLayout.PAGE_LSN]);
    }

    @Test
    void copyThatIsNotWholeIsNotUsed() {
        area.write(batch(3, 30, 4, 31));
        directory.overwrite(DoubleWriteArea.NAME, DoubleWriteLayout.imageOffset(1, 0, PAGE) + 9000, new byte[100]);
        byte[] before = home(3);
        assertEquals(1, reopened().recover(dataFile, 0));
        assertArrayEquals(before, home(3));
        assertEquals(31, home(4)[PageLayout.PAGE_LSN]);
    }

    @Test
    void tornHeaderMeansNoBatchAndOldHeaderOverNewImagesRestoresNothingWrong() {
        writeWholly(batch(3, 30));
        byte[] oldHeader = Arrays.copyOfRange(
                directory.content(DoubleWriteArea.NAME),
                (int) DoubleWriteLayout.areaOffset(1, PAGE),
                (int) DoubleWriteLayout.areaOffset(1, PAGE) + PAGE);
        writeWholly(batch(4, 35));
        area.write(batch(5, 40));
        // Power was lost: the images of batch 3 arrived over those of batch 1, its header did not.
        directory.overwrite(DoubleWriteArea.NAME, DoubleWriteLayout.areaOffset(1, PAGE), oldHeader);
        byte[] home = home(3);
        assertEquals(0, reopened().recover(dataFile, 0));
        assertArrayEquals(home, home(3));
        directory.overwrite(DoubleWriteArea.NAME, DoubleWriteLayout.areaOffset(1, PAGE) + 100, new byte[] {9});
        assertEquals(0, reopened().recover(dataFile, 0));
    }

    @Test
    void recoveryForcesEvenWhatItNeedNotWrite() {
        WriteBatch batch = batch(3, 30);
        area.write(batch);
        batch.writeHome(dataFile);
        List<String> calls = new ArrayList<>();
        directory.hook = (call, name, position, length) -> calls.add(call + " " + name);
        assertEquals(0, reopened().recover(dataFile, 0));
        assertTrue(calls.contains("FORCE millrace.data"), calls.toString());
    }

    @Test
    void openAndProofChangeNothing() {
        writeWholly(batch(3, 30));
        writeWholly(batch(4, 90));
        area.write(batch(5, 60));
        byte[] before = directory.content(DoubleWriteArea.NAME);
        directory.hook = (call, name, position, length) -> assertEquals(MemoryDirectory.Call.READ, call);
        assertEquals(90, reopened().readProof(), "of all pages ever written, not of the last batch");
        assertArrayEquals(before, directory.content(DoubleWriteArea.NAME));
    }

    @Test
    void batchNumbersGoOnAfterReopen() {
        long last = writeWholly(batch(3, 30));
        area = reopened();
        area.recover(dataFile, 0);
        assertEquals(last, area.lastRetiredBatch());
        assertEquals(last + 1, writeWholly(batch(3, 31)));
        area = reopened();
        area.recover(dataFile, 1000);
        assertEquals(1000, area.lastRetiredBatch());
        assertEquals(1001, writeWholly(batch(3, 32)));
    }

    @Test
    void unretiredBatchHoldsTheLastRetiredBack() {
        long first = area.write(batch(3, 30));
        long second = area.write(batch(4, 31));
        area.retire(second);
        assertEquals(first - 1, area.lastRetiredBatch());
        area.retire(first);
        assertEquals(second, area.lastRetiredBatch());
    }

    @Test
    void theFileOfAnotherStoreIsRefused() {
        area.write(batch(3, 30));
        assertThrows(
                CorruptPageException.class,
                () -> DoubleWriteArea.open(directory, STORE + 1, PAGE, failures, EngineThreads.SYSTEM));
    }

    @Test
    void aForeignFileIsRefused() {
        directory.overwrite(DoubleWriteArea.NAME, DoubleWriteLayout.areaOffset(1, PAGE), new byte[] {'P', 'K', 3, 4});
        assertThrows(CorruptPageException.class, this::reopened);
    }

    @Test
    void laterFormatIsRefused() {
        area.write(batch(3, 30));
        ByteBuffer header = BufferUtil.allocateDirectAligned(PAGE, PAGE).order(ByteOrder.LITTLE_ENDIAN);
        header.put(directory.content(DoubleWriteArea.NAME), (int) DoubleWriteLayout.areaOffset(1, PAGE), PAGE);
        header.clear().putShort(DoubleWriteLayout.VERSION, (short) 2);
        DoubleWriteLayout.seal(header, PAGE);
        byte[] bytes = new byte[PAGE];
        header.get(bytes);
        directory.overwrite(DoubleWriteArea.NAME, DoubleWriteLayout.areaOffset(1, PAGE), bytes);
        assertThrows(IncompatibleFormatException.class, this::reopened);
    }

    @Test
    void missingFileIsAnError() {
        directory.delete(DoubleWriteArea.NAME);
        assertThrows(CorruptPageException.class, this::reopened);
    }

    /** The whole way: a pool writes, the machine dies in a home write, the next start reads what was acknowledged. */
    @Test
    void poolSurvivesTornHomeWrite() {
        MemoryDirectory crashed;
        try (PoolFixture f = new PoolFixture(64).withPages(8)) {
            f.change(3, 33);
            f.pool.flushAll();
            crashed = f.directory.copy();
        }
        crashed.overwrite(DataFile.NAME, 3L * PAGE + 8192, new byte[512]);
        crashed.overwrite(DataFile.NAME, 3L * PAGE + PageLayout.BODY, new byte[512]);
        try (PoolFixture f = new PoolFixture(64, crashed, 1, 1)) {
            assertEquals(33, f.value(3));
            assertEquals(2, f.value(2));
        }
    }

    @Test
    void withoutACopyTheTornPageIsReported() {
        MemoryDirectory crashed;
        try (PoolFixture f = new PoolFixture(64).withPages(8)) {
            for (int i = 0; i < 4; i++) {
                f.change(5, i);
                f.pool.flushAll();
            }
            crashed = f.directory.copy();
        }
        crashed.overwrite(DataFile.NAME, 3L * PAGE + PageLayout.BODY, new byte[] {1, 2, 3, 4});
        try (PoolFixture f = new PoolFixture(64, crashed, 1, 1)) {
            assertThrows(CorruptPageException.class, () -> f.value(3));
            assertEquals(3, f.value(5));
        }
    }
}
