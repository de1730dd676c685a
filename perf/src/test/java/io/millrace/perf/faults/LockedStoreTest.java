package io.millrace.perf.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.Store;
import io.millrace.StoreOptions;
import io.millrace.error.StoreLockedException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two processes and one store: the second is turned away, the first goes on undisturbed, and a killed one holds no lock. */
@Timeout(180)
class LockedStoreTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    private Path directory;

    @Test
    void theStoreOfAnotherProcess() throws IOException, InterruptedException {
        LoadLog log = new LoadLog();
        try (LoadChild child =
                LoadChild.start(List.of(), directory.toString(), log, List.of("wal.segment-size=1MiB"))) {
            assertEquals("opened", child.awaitOpened());
            int from = child.size();
            child.tell("run");
            child.awaitAcknowledgements(from, 10);
            StoreLockedException locked = assertThrows(
                    StoreLockedException.class,
                    () -> Store.open(StoreOptions.at(directory)).block(PATIENCE));
            assertTrue(locked.getMessage().contains(directory.toString()), locked.getMessage());
            child.awaitAcknowledgements(child.size(), 10);
            assertEquals(List.of(), log.failed());
        }
        assertFalse(log.acknowledged() == 0);
        log.assertNothingLost(directory);
    }
}
