package io.millrace;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.error.CorruptLogException;
import io.millrace.error.CorruptPageException;
import io.millrace.error.IncompatibleFormatException;
import io.millrace.error.InvalidConfigurationException;
import io.millrace.error.MillraceException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A store with a file that is missing, cut, foreign, damaged or of a later format does not open, says which one, and stays as it is. */
final class DamagedStoreTest {
    private static final String CONTROL = "millrace.control";
    private static final String DATA = "millrace.data";
    private static final String DOUBLE_WRITE = "millrace.dwb";
    private static final int PAGE = StoreFixture.PAGE_SIZE;
    private static final int SECOND_AREA = 65 * PAGE;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static Map<String, byte[]> killed;
    private static Map<String, byte[]> another;

    @TempDir
    private Path directory;

    /** What happens to the files, the error, and which file it names. */
    private record Case(
            String what, Class<? extends MillraceException> error, String file, Consumer<Map<String, byte[]>> damage) {
        @Override
        public String toString() {
            return what;
        }
    }

    @BeforeAll
    static void makeStores(@TempDir Path one, @TempDir Path two) throws IOException {
        killed = StoreFixture.killed(one);
        another = StoreFixture.killed(two);
        assertTrue(segment(4, killed) != null, "the log has at least four segments");
    }

    private static byte[] segment(int number, Map<String, byte[]> files) {
        return files.get(segmentName(number));
    }

    private static String segmentName(int number) {
        return String.format("wal/%020d.log", number);
    }

    static Stream<Case> cases() {
        List<Case> cases = new ArrayList<>();
        addLaterFormats(cases);
        addForeignFiles(cases);
        addMissingAndCutFiles(cases);
        addDamagedLogs(cases);
        return cases.stream();
    }

    private static void addLaterFormats(List<Case> cases) {
        for (int field : new int[] {8, 16}) {
            cases.add(later("control file", CONTROL, field, bytes -> {
                seal(bytes, 0, 124, 124);
                seal(bytes, 4096, 4096 + 124, 4096 + 124);
            }));
        }
        for (int field : new int[] {52, 56}) {
            cases.add(later("data file", DATA, field, bytes -> seal(bytes, 4, PAGE, 0)));
        }
        for (int field : new int[] {12, 14}) {
            cases.add(later("double-write file", DOUBLE_WRITE, SECOND_AREA + field, bytes -> {
                seal(bytes, SECOND_AREA + 12, SECOND_AREA + PAGE, SECOND_AREA + 8);
            }));
        }
        for (int field : new int[] {8, 12}) {
            cases.add(later("segment", segmentName(2), field, bytes -> seal(bytes, 0, 48, 48)));
        }
    }

    private static void addForeignFiles(List<Case> cases) {
        cases.add(corruptFile("control file, both slots damaged", CONTROL, bytes -> {
            bytes[60]++;
            bytes[4096 + 60]++;
        }));
        cases.add(corruptFile("control file of somebody else", CONTROL, bytes -> Arrays.fill(bytes, (byte) 'x')));
        cases.add(corruptFile("data file of somebody else", DATA, bytes -> Arrays.fill(bytes, (byte) 'x')));
        cases.add(corruptFile(
                "double-write file of somebody else", DOUBLE_WRITE, bytes -> Arrays.fill(bytes, (byte) 'x')));
        cases.add(new Case(
                CONTROL + " of another store",
                CorruptPageException.class,
                "",
                files -> files.put(CONTROL, another.get(CONTROL))));
    }

    private static void addMissingAndCutFiles(List<Case> cases) {
        for (String file : List.of(DATA, DOUBLE_WRITE)) {
            cases.add(new Case(
                    file + " of another store",
                    CorruptPageException.class,
                    file,
                    files -> files.put(file, another.get(file))));
            cases.add(new Case(file + " is missing", CorruptPageException.class, file, files -> files.remove(file)));
            for (int part : new int[] {0, 1, 2}) {
                cases.add(new Case(
                        file + " is cut to " + part + "/3",
                        CorruptPageException.class,
                        file,
                        files -> files.put(file, Arrays.copyOf(files.get(file), files.get(file).length / 3 * part))));
            }
        }
        cases.add(new Case(
                "control file is missing", IncompatibleFormatException.class, "", files -> files.remove(CONTROL)));
        cases.add(new Case(
                "control file is cut",
                CorruptPageException.class,
                CONTROL,
                files -> files.put(CONTROL, new byte[100])));
    }

    private static void addDamagedLogs(List<Case> cases) {
        for (int number : new int[] {1, 2, 3}) {
            cases.add(new Case(
                    "segment " + number + " is missing",
                    CorruptLogException.class,
                    "wal",
                    files -> files.remove(segmentName(number))));
            cases.add(new Case(
                    "segment " + number + " of somebody else",
                    CorruptLogException.class,
                    "wal",
                    files -> Arrays.fill(segment(number, files), (byte) 'x')));
            cases.add(new Case(
                    "segment " + number + " without header",
                    CorruptLogException.class,
                    "wal",
                    files -> segment(number, files)[0]++));
        }
        cases.add(new Case(
                "no log",
                CorruptLogException.class,
                "wal",
                files -> files.keySet().removeIf(name -> name.startsWith("wal"))));
    }

    /** One more than the field holds, and a right checksum. */
    private static Case later(String what, String file, int field, Consumer<byte[]> seal) {
        return new Case(what + ", a later format at " + field, IncompatibleFormatException.class, file, files -> {
            byte[] bytes = files.get(file);
            bytes[field]++;
            if (file.equals(CONTROL)) {
                bytes[4096 + field]++;
            }
            seal.accept(bytes);
        });
    }

    private static Case corruptFile(String what, String file, Consumer<byte[]> damage) {
        return new Case(what, CorruptPageException.class, file, files -> damage.accept(files.get(file)));
    }

    private static void seal(byte[] bytes, int from, int to, int checksumAt) {
        CRC32C checksum = new CRC32C();
        checksum.update(bytes, from, to - from);
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(checksumAt, (int) checksum.getValue());
    }

    private static Map<String, byte[]> copyOf(Map<String, byte[]> files) {
        Map<String, byte[]> copy = new TreeMap<>();
        files.forEach((name, bytes) -> copy.put(name, bytes.clone()));
        return copy;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void isReportedAndLeftAsItIs(Case what) throws IOException {
        Map<String, byte[]> files = copyOf(killed);
        what.damage.accept(files);
        assertRefused(what.error, what.file, files, StoreFixture.options(directory));
    }

    @Test
    void anotherPageSizeIsReportedAndNothingIsChanged() throws IOException {
        assertRefused(
                InvalidConfigurationException.class,
                "",
                killed,
                StoreFixture.options(directory).with("buffer-pool.page-size", "8KiB"));
    }

    private void assertRefused(
            Class<? extends MillraceException> type, String file, Map<String, byte[]> files, StoreOptions options)
            throws IOException {
        StoreFixture.write(files, directory);
        MillraceException error = assertThrows(
                type, () -> Store.open(options).block(PATIENCE).close().block(PATIENCE));
        assertTrue(
                error.getMessage().contains(directory.resolve(file).toString())
                        || error instanceof InvalidConfigurationException,
                error.getMessage());
        Map<String, byte[]> found = StoreFixture.read(directory);
        assertEquals(files.keySet(), found.keySet());
        files.forEach((name, bytes) -> assertArrayEquals(bytes, found.get(name), name));
    }

    @Test
    void oneDamagedSlotOfTheControlFileIsSurvived() throws IOException {
        for (int slot : new int[] {0, 4096}) {
            Map<String, byte[]> files = copyOf(killed);
            files.get(CONTROL)[slot + 60]++;
            Path place = directory.resolve("slot-" + slot);
            StoreFixture.write(files, place);
            Store store = StoreFixture.open(place);
            StoreFixture.assertFilled(store);
            StoreFixture.close(store);
        }
    }

    @Test
    void aDamagedMetaPageKeepsNobodyFromReading() throws IOException {
        Map<String, byte[]> files = copyOf(killed);
        files.get(DATA)[1000]++;
        StoreFixture.write(files, directory);
        Store store = StoreFixture.open(directory);
        StoreFixture.assertFilled(store);
        StoreFixture.close(store);
    }

    @Test
    void undamagedItOpens() throws IOException {
        StoreFixture.write(killed, directory);
        Store store = StoreFixture.open(directory);
        assertEquals(1, store.recoveryReport().transactionsRolledBack());
        StoreFixture.assertFilled(store);
        StoreFixture.close(store);
    }
}
