package io.millrace;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.btree.StoreCheck;
import io.millrace.btree.StoreReport;
import io.millrace.storage.LocalDirectory;
import io.millrace.storage.StorageDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;

/** Ghosts that outlive the run that made them. */
final class GhostRestartTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int KEYS = 2_000;
    private static final int KEPT = 100;

    @TempDir
    private Path directory;

    private static OrderedMap<Integer, String> map(Store store) {
        return store.map("m", Codecs.int32(), Codecs.utf8());
    }

    /** A snapshot keeps all ghosts until the process is killed; after the restart they are gone once somebody has seen them. */
    @Test
    @Timeout(60)
    void ghostsOfAKilledRunAreRemovedOnceSeen() throws IOException {
        Path original = directory.resolve("original");
        Path copy = directory.resolve("copy");
        Store store = StoreFixture.open(original);
        Flux.range(0, KEYS)
                .flatMap(key -> map(store).put(key, "value " + key), 64)
                .blockLast(PATIENCE);
        Transaction reader = store.begin(TransactionOptions.defaults()).block(PATIENCE);
        Flux.range(KEPT, KEYS - KEPT).flatMap(map(store)::delete, 64).blockLast(PATIENCE);
        assertEquals(KEYS, map(store).in(reader).count(Range.all()).block(PATIENCE));
        // Nothing is dirty then, so nothing is written while the files are read.
        store.checkpoint().block(PATIENCE);
        Map<String, byte[]> files = StoreFixture.read(original);
        reader.rollback().block(PATIENCE);
        StoreFixture.close(store);
        StoreFixture.write(files, copy);
        Store again = StoreFixture.open(copy);
        assertEquals(0, again.recoveryReport().transactionsRolledBack());
        long free = again.stats().freePages();
        assertEquals(KEPT, map(again).count(Range.all()).block(PATIENCE));
        while (again.stats().freePages() < free + 10) {
            // Whoever scans tells of ghosts; what was too busy to be told is told again.
            assertEquals(KEPT, map(again).scan(Range.all()).count().block(PATIENCE));
        }
        StoreFixture.close(again);
        StoreReport report = check(copy);
        assertEquals(List.of(), report.findings());
        assertEquals(KEPT, report.maps().get("m").entries());
    }

    private static StoreReport check(Path path) throws IOException {
        try (StorageDirectory files = LocalDirectory.open(path)) {
            return StoreCheck.check(files);
        }
    }
}
