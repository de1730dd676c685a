package io.millrace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.millrace.error.StorageIoException;
import io.millrace.testkit.Fault;
import io.millrace.testkit.FaultPlan;
import io.millrace.testkit.IoKind;
import io.millrace.testkit.SimulatedDirectory;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A rollback that a failure cuts short: nobody goes on waiting for its end, and the next open finishes it. */
final class FailedRollbackTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Map<String, String> SETTINGS = Map.of(
            "buffer-pool.size", "1MiB",
            "wal.segment-size", "1MiB",
            "wal.ring-slots", "256",
            "transaction.lock-timeout", "1h",
            "transaction.timeout", "1h");

    private final SimulatedDirectory disk = new SimulatedDirectory(4);

    private static Store open(SimulatedDirectory directory) throws IOException {
        Configuration configuration = Configuration.of(Map.of(), SETTINGS, new Properties());
        EngineAssembly assembly = EngineAssembly.open(directory, configuration, cause -> {});
        return new MillraceStore(new StoreEngine(assembly, configuration, directory.describe()), false);
    }

    private static OrderedMap<String, String> map(Store store) {
        return store.map("m", Codecs.utf8(), Codecs.utf8());
    }

    @Test
    void whoWaitsForTheLockOfATransactionThatCanNotBeRolledBackLearnsIt() throws Exception {
        Store store = open(disk);
        OrderedMap<String, String> map = map(store);
        map.put("a", "old").block(LIMIT);
        Transaction holder = store.begin(TransactionOptions.defaults()).block(LIMIT);
        map.in(holder).put("a", "new").block(LIMIT);
        CompletableFuture<Void> waiting = map.put("a", "mine").toFuture();

        disk.faults(FaultPlan.none().from(IoKind.FORCE, name -> name.endsWith(".log"), 1, Fault.IO_ERROR));
        assertThrows(RuntimeException.class, () -> map.put("b", "poison").block(LIMIT));
        assertThrows(StorageIoException.class, () -> holder.rollback().block(LIMIT));

        ExecutionException told =
                assertThrows(ExecutionException.class, () -> waiting.get(LIMIT.toSeconds(), TimeUnit.SECONDS));
        assertInstanceOf(StorageIoException.class, told.getCause());
        assertThrows(StorageIoException.class, () -> map.put("a", "later").block(LIMIT));
        store.close().block(LIMIT);

        Store again = open(disk.afterPowerLoss(new Random(1)));
        assertEquals("old", map(again).get("a").block(LIMIT));
        again.close().block(LIMIT);
    }

    @Test
    void aLoserThatHadRolledBackToASavepointIsUndoneOnce() throws Exception {
        Store store = open(disk);
        OrderedMap<String, String> map = map(store);
        map.put("a", "old").then(map.put("b", "old")).block(LIMIT);
        Transaction loser = store.begin(TransactionOptions.defaults()).block(LIMIT);
        map.in(loser).put("a", "1").block(LIMIT);
        Savepoint savepoint = loser.savepoint().block(LIMIT);
        map.in(loser).put("a", "2").then(map.in(loser).put("b", "2")).block(LIMIT);
        loser.rollbackTo(savepoint).block(LIMIT);
        map.put("b", "newer").block(LIMIT);
        map.in(loser).put("c", "3").block(LIMIT);
        store.checkpoint().block(LIMIT);

        Store again = open(disk.afterPowerLoss(new Random(1)));
        assertEquals("old", map(again).get("a").block(LIMIT));
        assertEquals("newer", map(again).get("b").block(LIMIT));
        assertEquals(2, map(again).count(Range.all()).block(LIMIT));
        assertEquals(1, again.recoveryReport().transactionsRolledBack());
        again.close().block(LIMIT);
        loser.rollback().block(LIMIT);
        store.close().block(LIMIT);
    }
}
