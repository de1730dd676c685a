package io.millrace.perf.verify;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.Codecs;
import io.millrace.OrderedMap;
import io.millrace.Range;
import io.millrace.Store;
import io.millrace.StoreOptions;
import io.millrace.perf.UsageException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;

final class VerifyCommandTest {
    private static final int ENTRIES = 5000;
    private static final int PAGE = 4096;

    @TempDir
    private Path directory;

    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

    private int verify(String... arguments) {
        printed.reset();
        return VerifyCommand.run(List.of(arguments), new PrintStream(printed, true, StandardCharsets.UTF_8));
    }

    private String printed() {
        return printed.toString(StandardCharsets.UTF_8);
    }

    private static OrderedMap<Integer, String> map(Store store) {
        return store.map("numbers", Codecs.int32(), Codecs.utf8());
    }

    private Path store() {
        Path place = directory.resolve("store");
        Store store = Store.open(StoreOptions.at(place).with("buffer-pool.page-size", "4KiB"))
                .block();
        Flux.range(0, ENTRIES).flatMap(i -> map(store).put(i, "v" + i), 64).blockLast();
        store.close().block();
        return place;
    }

    @Test
    void aSoundStore() {
        Path store = store();
        assertEquals(0, verify(store.toString()));
        assertTrue(printed().contains("map numbers: 5000 entries"), printed());
        assertTrue(printed().contains("nothing is wrong"), printed());
    }

    @Test
    void aDamagedStoreIsRepairedElsewhere() throws IOException {
        Path store = store();
        Path file = store.resolve("millrace.data");
        byte[] data = Files.readAllBytes(file);
        int leaf = data.length / PAGE;
        do {
            leaf--;
        } while (data[leaf * PAGE + 4] != 3 || data[leaf * PAGE + 32] == 0);
        data[leaf * PAGE + 2000] ^= 1;
        Files.write(file, data);
        assertEquals(1, verify(store.toString()));
        assertTrue(printed().contains(file + ": page " + leaf + " (tree"), printed());
        assertTrue(printed().contains("1 findings"), printed());
        Path repaired = directory.resolve("repaired");
        assertEquals(1, verify(store.toString(), "--repair", repaired.toString()));
        assertEquals(0, verify(repaired.toString()));
        Store again = Store.open(StoreOptions.at(repaired)).block();
        long count = map(again).count(Range.all()).block();
        assertTrue(count < ENTRIES && count > ENTRIES - 400, "entries: " + count);
        assertEquals("v0", map(again).get(0).block());
        again.close().block();
        assertThrows(UsageException.class, () -> verify(store.toString(), "--repair", repaired.toString()));
        assertArrayEquals(data, Files.readAllBytes(file));
    }

    @Test
    void whatIsNoStore() {
        assertEquals(1, verify(directory.toString()));
        assertTrue(printed().contains("millrace.control"), printed());
        assertThrows(
                UsageException.class, () -> verify(directory.resolve("nowhere").toString()));
        assertThrows(UsageException.class, () -> verify());
    }
}
