package io.millrace;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Mono;

/** A test with a small open store in a directory of its own; in the end nothing may be left open in it. */
abstract class StoreTest {
    static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path directory;

    Store store;
    OrderedMap<String, String> map;

    @BeforeEach
    void open() {
        store = await(Store.open(options()));
        map = store.map("map", Codecs.utf8(), Codecs.utf8());
    }

    StoreOptions options() {
        return StoreOptions.at(directory)
                .with("buffer-pool.size", "2MiB")
                .with("wal.segment-size", "1MiB")
                .with("transaction.lock-timeout", "300ms");
    }

    @AfterEach
    void close() {
        awaitQuiet();
        await(store.close());
    }

    /** What has been cancelled or ended may take a moment to let go. */
    void awaitQuiet() {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (isBusy() && System.nanoTime() < deadline) {
            Thread.onSpinWait();
        }
        assertEquals(0, store.stats().waitingOperations(), "operations left");
        assertEquals(0, store.stats().openSnapshots(), "snapshots left");
        assertEquals(0, store.stats().openTransactions(), "transactions left");
    }

    private boolean isBusy() {
        StoreStats stats = store.stats();
        return stats.waitingOperations() != 0 || stats.openSnapshots() != 0 || stats.openTransactions() != 0;
    }

    void reopen() {
        await(store.close());
        open();
    }

    static <T> T await(Mono<T> mono) {
        return mono.block(PATIENCE);
    }
}
