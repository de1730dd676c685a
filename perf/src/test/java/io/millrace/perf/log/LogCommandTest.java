package io.millrace.perf.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.Codecs;
import io.millrace.OrderedMap;
import io.millrace.Store;
import io.millrace.StoreOptions;
import io.millrace.Transaction;
import io.millrace.TransactionOptions;
import io.millrace.perf.UsageException;
import io.millrace.perf.result.JsonReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;

/** What {@code millrace log} says of a running, a closed and a damaged store. */
final class LogCommandTest {
    @TempDir
    private Path directory;

    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

    private int log(String... arguments) {
        printed.reset();
        return LogCommand.run(List.of(arguments), new PrintStream(printed, true, StandardCharsets.UTF_8));
    }

    private List<String> lines() {
        return printed.toString(StandardCharsets.UTF_8).lines().toList();
    }

    private long lines(String part) {
        return lines().stream().filter(line -> line.contains(part)).count();
    }

    private Store open() {
        return Store.open(StoreOptions.at(directory).with("wal.segment-size", "256KiB"))
                .block();
    }

    private static OrderedMap<String, String> map(Store store, String name) {
        return store.map(name, Codecs.utf8(), Codecs.utf8());
    }

    private static void write(Store store) {
        map(store, "words").put("hello", "world").block();
        map(store, "other").put("a", "b").block();
        Transaction tx = store.begin(TransactionOptions.defaults()).block();
        map(store, "words").in(tx).put("hello", "again").block();
        map(store, "words").in(tx).getForUpdate("locked").block();
        tx.commit().block();
        Transaction lost = store.begin(TransactionOptions.defaults()).block();
        map(store, "words").in(lost).put("never", "").block();
        lost.rollback().block();
        map(store, "words").delete("hello").block();
    }

    @Test
    void aRunningStoreIsReadWithoutALock() {
        Store store = open();
        write(store);
        assertEquals(0, log(directory.toString(), "--from", "1"));
        assertTrue(lines("MINI_TRANSACTION commits") > 0, printed::toString);
        assertEquals(1, lines("map words \"hello\" valueBytes 5 oldValueBytes 5"));
        assertEquals(1, lines("\"locked\" lock"));
        assertEquals(1, lines("COMMIT tx"));
        assertEquals(1, lines("COMPENSATION tx"));
        assertEquals(1, lines("ROLLBACK_END tx"));
        assertEquals(1, lines("\"hello\" deleted"));
        String last = lines().get(lines().size() - 1);
        assertTrue(last.startsWith("the log ends at LSN " + store.durableLsn() + ", "), last);
        assertTrue(last.contains("wal/") && last.contains("nothing has been written there"), last);
        assertEquals(0, log(directory.toString(), "--from", "1", "--tree", "other"));
        assertEquals(1, lines("\"a\""));
        assertEquals(0, lines("hello"));
        String commit = find("COMMIT tx");
        String id = commit.substring(commit.indexOf("tx ") + 3, commit.indexOf(" previous"));
        assertEquals(0, log(directory.toString(), "--from", "1", "--tx", id));
        assertEquals(4, lines().size());
        assertEquals(0, log(directory.toString(), "--from", Long.toString(store.durableLsn())));
        assertEquals(2, lines().size());
        store.close().block();
    }

    private String find(String part) {
        log(directory.toString(), "--from", "1");
        return lines().stream().filter(line -> line.contains(part)).findFirst().orElseThrow();
    }

    @Test
    void forProgramsAndInSum() {
        Store store = open();
        write(store);
        assertEquals(0, log(directory.toString(), "--from", "1", "--json"));
        List<String> all = lines();
        for (String line : all.subList(0, all.size() - 1)) {
            Object record = JsonReader.read(line);
            assertTrue(((Map<?, ?>) record).containsKey("lsn"), line);
        }
        assertEquals(0, log(directory.toString(), "--from", "1", "--stats"));
        assertEquals(1, lines("COMMIT: 1, "));
        assertEquals(1, lines("LEAF_PUT words: 5"));
        store.close().block();
    }

    @Test
    void damageIsToldWithItsPlace() throws IOException {
        Store store = open();
        Flux.range(0, 200).concatMap(i -> map(store, "words").put("k" + i, "v")).blockLast();
        Path segment = directory.resolve("wal").resolve("00000000000000000001.log");
        byte[] bytes = Files.readAllBytes(segment);
        store.close().block();
        bytes[4096 + 8000] ^= 1;
        Files.write(segment, bytes);
        assertEquals(1, log(directory.toString(), "--from", "1"));
        assertEquals(1, lines("damaged: "));
        assertEquals(1, lines(segment.toString()));
        assertEquals(1, lines("position"));
    }

    @Test
    void whatIsNoStore() {
        assertEquals(1, log(directory.toString()));
        assertThrows(UsageException.class, () -> log());
        assertThrows(UsageException.class, () -> log(directory.resolve("none").toString()));
        assertThrows(UsageException.class, () -> log(directory.toString(), "--tx", "none"));
    }
}
