package io.millrace;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.btree.Finding;
import io.millrace.btree.Salvage;
import io.millrace.btree.SalvageReport;
import io.millrace.btree.StoreCheck;
import io.millrace.btree.StoreReport;
import io.millrace.error.IncompatibleFormatException;
import io.millrace.error.StoreLockedException;
import io.millrace.storage.LocalDirectory;
import io.millrace.storage.StorageDirectory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store that is not open is checked from its files: each way to break it is found, named, and what is left can be read. */
final class StoreCheckTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int PAGE = StoreFixture.PAGE_SIZE;
    private static final String DATA = "millrace.data";
    private static final int KIND = 4;
    private static final int LSN = 8;
    private static final int ID = 16;
    private static final int TREE = 24;
    private static final int SLOT_COUNT = 32;
    private static final int LEVEL = 48;
    private static final int SLOTS = 64;
    private static final int LEAF = 3;
    private static final int INNER = 4;

    private static Map<String, byte[]> sound;

    @TempDir
    private Path directory;

    private Map<String, byte[]> files;
    private ByteBuffer data;

    @BeforeAll
    static void makeStore(@TempDir Path place) throws IOException {
        Store store = StoreFixture.open(place);
        StoreFixture.fill(store);
        StoreFixture.close(store);
        // So that nothing of the transaction that never ended is left, not even its end to be awaited.
        StoreFixture.close(StoreFixture.open(place));
        sound = StoreFixture.read(place);
    }

    private void take() {
        files = new TreeMap<>();
        sound.forEach((name, bytes) -> files.put(name, bytes.clone()));
        data = ByteBuffer.wrap(files.get(DATA)).order(ByteOrder.LITTLE_ENDIAN);
    }

    private StoreReport check() throws IOException {
        StoreFixture.write(files, directory);
        StoreReport report;
        try (StorageDirectory opened = LocalDirectory.open(directory)) {
            report = StoreCheck.check(opened);
        }
        Map<String, byte[]> after = StoreFixture.read(directory);
        after.remove("millrace.lock");
        for (Map.Entry<String, byte[]> file : after.entrySet()) {
            assertArrayEquals(files.get(file.getKey()), file.getValue(), file.getKey());
        }
        return report;
    }

    private int page(Predicate<Integer> wanted) {
        for (int page = 0; page < data.capacity() / PAGE; page++) {
            if (wanted.test(page * PAGE)) {
                return page;
            }
        }
        throw new AssertionError("no such page");
    }

    /** A leaf of the largest map, in its middle. */
    private int leaf() {
        return page(at -> data.get(at + KIND) == LEAF && data.getShort(at + SLOT_COUNT) > 3 && fences(at) == 2);
    }

    private int fences(int at) {
        return (data.getShort(at + 44) > 0 ? 1 : 0) + (data.getShort(at + 46) > 0 ? 1 : 0);
    }

    private int inner() {
        return page(at -> data.get(at + KIND) == INNER && data.getShort(at + SLOT_COUNT) > 3);
    }

    private void seal(int page) {
        CRC32C checksum = new CRC32C();
        checksum.update(data.array(), page * PAGE + KIND, PAGE - KIND);
        data.putInt(page * PAGE, (int) checksum.getValue());
    }

    private static Finding finding(StoreReport report, int page, String what) {
        return report.findings().stream()
                .filter(finding -> finding.pageId() == page && finding.what().contains(what))
                .findFirst()
                .orElseThrow(() -> new AssertionError("of page " + page + ", " + what + ": " + report.findings()));
    }

    @Test
    void aSoundStoreHasNoFindings() throws IOException {
        take();
        StoreReport report = check();
        assertEquals(List.of(), report.findings());
        assertTrue(report.cleanlyClosed());
        assertEquals(Set.of("numbers", "words"), report.maps().keySet());
        assertEquals(
                StoreFixture.ENTRIES / 7 * 6 + StoreFixture.ENTRIES % 7 - 1,
                report.maps().get("numbers").entries());
        assertEquals(data.capacity() / PAGE, report.pages());
        assertTrue(report.freePages() > 0 && report.freePages() < report.pages());
    }

    @Test
    void anOpenStoreIsLeftAlone() throws IOException {
        Store store = StoreFixture.open(directory);
        try (StorageDirectory opened = LocalDirectory.open(directory)) {
            assertThrows(StoreLockedException.class, () -> StoreCheck.check(opened));
        } finally {
            StoreFixture.close(store);
        }
    }

    @Test
    void whatIsNoStoreIsSaidSo() throws IOException {
        try (StorageDirectory opened = LocalDirectory.open(directory)) {
            assertThrows(IncompatibleFormatException.class, () -> StoreCheck.check(opened));
        }
    }

    @Test
    void aFlippedBitIsFoundWithTheWayFromTheRoot() throws IOException {
        take();
        int leaf = leaf();
        data.put(leaf * PAGE + PAGE / 2, (byte) (data.get(leaf * PAGE + PAGE / 2) ^ 4));
        StoreReport report = check();
        Finding finding = finding(report, leaf, "checksum");
        assertTrue(finding.path().matches("tree \\d+/\\d+.*/" + leaf), finding.path());
        assertEquals(1, report.findings().size(), report.findings().toString());
    }

    @Test
    void aPageInAnothersPlace() throws IOException {
        take();
        int leaf = leaf();
        data.putLong(leaf * PAGE + ID, leaf + 1L);
        seal(leaf);
        finding(check(), leaf, "it says it is page " + (leaf + 1));
    }

    @Test
    void slotsOutOfOrder() throws IOException {
        take();
        int leaf = leaf();
        long first = data.getLong(leaf * PAGE + SLOTS);
        data.putLong(leaf * PAGE + SLOTS, data.getLong(leaf * PAGE + SLOTS + 8));
        data.putLong(leaf * PAGE + SLOTS + 8, first);
        seal(leaf);
        assertTrue(finding(check(), leaf, "out of order").path().endsWith("/" + leaf));
    }

    @Test
    void aFenceThatIsNotTheSeparator() throws IOException {
        take();
        int leaf = leaf();
        int end = (leaf + 1) * PAGE - data.getShort(leaf * PAGE + 44) - 1;
        data.put(end, (byte) (data.get(end) + 1));
        seal(leaf);
        finding(check(), leaf, "fence");
    }

    @Test
    void aChildThatIsAnothers() throws IOException {
        take();
        int inner = inner();
        int at = inner * PAGE;
        int one = at + data.getShort(at + SLOTS + 4);
        int other = at + data.getShort(at + SLOTS + 8 + 4);
        long lost = data.getLong(one);
        data.putLong(one, data.getLong(other));
        seal(inner);
        StoreReport report = check();
        int twice = (int) data.getLong(other);
        finding(report, twice, "is reached twice");
        finding(report, (int) lost, "can't be reached");
    }

    @Test
    void levelsAndTrees() throws IOException {
        take();
        int leaf = leaf();
        data.putInt(leaf * PAGE + TREE, 77);
        seal(leaf);
        finding(check(), leaf, "belongs to tree 77");
        take();
        int inner = inner();
        data.put(inner * PAGE + LEVEL, (byte) 9);
        seal(inner);
        assertFalse(check().sound());
    }

    @Test
    void aStampFromTheFuture() throws IOException {
        take();
        int leaf = leaf();
        int entry = leaf * PAGE + data.getShort(leaf * PAGE + SLOTS + 4);
        data.putLong(entry, data.getLong(leaf * PAGE + LSN) + 1);
        seal(leaf);
        finding(check(), leaf, "has the stamp");
        take();
        data.putLong(leaf * PAGE + LSN, 1L << 50);
        seal(leaf);
        finding(check(), leaf, "the log ends with");
    }

    @Test
    void spaceMapAndTreesDisagree() throws IOException {
        take();
        int leaf = leaf();
        int free = page(at -> at > 3 * PAGE && data.get(at + KIND) == 0);
        int map = PAGE + 32;
        data.put(map + leaf / 8, (byte) (data.get(map + leaf / 8) & ~(1 << leaf % 8)));
        data.put(map + free / 8, (byte) (data.get(map + free / 8) | 1 << free % 8));
        seal(1);
        StoreReport report = check();
        finding(report, leaf, "is free in the space map");
        finding(report, free, "belongs to nothing");
        assertEquals(2, report.findings().size());
    }

    /** With a leaf and an inner page gone, everything but that leaf's entries comes back, and nothing that was deleted. */
    @Test
    void everythingReadableIsSalvaged() throws IOException {
        take();
        int leaf = leaf();
        Set<Integer> lost = keysOf(leaf);
        int inner = inner();
        data.put(inner * PAGE + 100, (byte) (data.get(inner * PAGE + 100) + 1));
        data.put(leaf * PAGE + 100, (byte) (data.get(leaf * PAGE + 100) + 1));
        StoreFixture.write(files, directory);
        Set<Integer> found = new TreeSet<>();
        SalvageReport report;
        try (StorageDirectory opened = LocalDirectory.open(directory);
                Salvage salvage = Salvage.open(opened)) {
            assertEquals(PAGE, salvage.pageSize());
            report = salvage.run((map, key, value) -> {
                if (map.equals("numbers")) {
                    int number = ByteBuffer.wrap(key).getInt() ^ Integer.MIN_VALUE;
                    assertTrue(found.add(number), "twice: " + number);
                    assertEquals(StoreFixture.value(number), new String(value, StandardCharsets.UTF_8));
                }
            });
        }
        finding(report.store(), inner, "checksum");
        finding(report.store(), leaf, "checksum");
        assertEquals(0, report.uncertain());
        Set<Integer> expected = new TreeSet<>();
        for (int key = 0; key < StoreFixture.ENTRIES; key++) {
            if (key % 7 != 0 && !lost.contains(key)) {
                expected.add(key);
            }
        }
        assertEquals(expected, found);
        assertEquals(found.size(), report.entries().get("numbers").intValue());
        assertEquals(1, report.entries().get("words"));
    }

    /** A tree whose name is lost with the catalogue has a number. */
    @Test
    void entriesWithoutTheCatalogueAreSalvaged() throws IOException {
        take();
        data.put(2 * PAGE + 100, (byte) (data.get(2 * PAGE + 100) + 1));
        StoreFixture.write(files, directory);
        try (StorageDirectory opened = LocalDirectory.open(directory);
                Salvage salvage = Salvage.open(opened)) {
            SalvageReport report = salvage.run((map, key, value) -> {});
            assertEquals(2, report.entries().size());
            assertTrue(report.entries().keySet().stream().allMatch(name -> name.matches("tree-\\d+")));
            assertTrue(report.entries().containsValue(1L), report.entries().toString());
        }
    }

    private Set<Integer> keysOf(int leaf) {
        Set<Integer> keys = new TreeSet<>();
        int at = leaf * PAGE;
        int prefix = data.getShort(at + 34);
        int low = at + PAGE - data.getShort(at + 44);
        for (int slot = 0; slot < data.getShort(at + SLOT_COUNT); slot++) {
            int entry = at + data.getShort(at + SLOTS + 8 * slot + 4);
            byte[] key = new byte[4];
            System.arraycopy(data.array(), low, key, 0, prefix);
            System.arraycopy(data.array(), entry + 12, key, prefix, 4 - prefix);
            keys.add(ByteBuffer.wrap(key).getInt() ^ Integer.MIN_VALUE);
        }
        return keys;
    }

    @Test
    void aKilledStoreSaysSo(@TempDir Path place) throws IOException {
        files = StoreFixture.killed(place);
        StoreReport report = check();
        assertFalse(report.cleanlyClosed());
        Store store = Store.open(StoreFixture.options(directory)).block(PATIENCE);
        StoreFixture.close(store);
        files = StoreFixture.read(directory);
        StoreReport after = check();
        assertEquals(List.of(), after.findings());
        assertTrue(after.cleanlyClosed());
    }
}
