package io.millrace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.recovery.RestartPhase;
import io.millrace.recovery.RestartProgress;
import io.millrace.testkit.SimulatedDirectory;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;

/** What a restart did is told while it goes on, and in the report. */
final class RecoveryReportTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int PUTS = 300;
    private static final int LOSER_PUTS = 7;
    private static final Map<String, String> SETTINGS = Map.of(
            "buffer-pool.page-size", "4KiB",
            "buffer-pool.size", "2MiB",
            "wal.segment-size", "1MiB",
            "wal.ring-slots", "1024",
            "checkpoint.interval", "24h",
            "checkpoint.target-recovery-time", "24h",
            "transaction.table-size", "16384");

    private final List<RestartProgress> told = new ArrayList<>();

    private MillraceStore open(SimulatedDirectory directory) throws IOException {
        Configuration configuration = Configuration.of(Map.of(), SETTINGS, new Properties());
        told.clear();
        EngineAssembly assembly = EngineAssembly.open(directory, configuration, new Events());
        return new MillraceStore(new StoreEngine(assembly, configuration, directory.describe()), false);
    }

    @Test
    void aKilledStoreReportsWhatWasRepeatedAndRolledBack() throws IOException {
        SimulatedDirectory directory = new SimulatedDirectory(1);
        MillraceStore first = open(directory);
        // Behind the one that opening asks for, so that none comes later.
        first.checkpoint().block(LIMIT);
        put(first);
        Transaction loser = first.begin(TransactionOptions.defaults()).block(LIMIT);
        OrderedMap<String, String> map = map(first);
        Flux.range(0, LOSER_PUTS)
                .concatMap(i -> map.in(loser).put("loser" + i, "x"))
                .then()
                .block(LIMIT);
        map.put("last", "makes what is before it durable").block(LIMIT);
        SimulatedDirectory killed = directory.kill();
        first.close().onErrorComplete().block(LIMIT);

        Store second = open(killed);
        RecoveryReport report = second.recoveryReport();
        assertFalse(report.cleanClose());
        assertTrue(report.recordsRead() >= PUTS + LOSER_PUTS + 1, report.toString());
        // How many of the changes a cleaner had written home by then, nobody knows.
        assertTrue(report.changesRedone() <= report.recordsRead() * 4, report.toString());
        assertTrue(report.bytesRead() >= report.bytesRedone() && report.bytesRedone() > 0, report.toString());
        assertEquals(1, report.transactionsRolledBack());
        assertEquals(LOSER_PUTS, report.changesUndone());
        assertEquals(List.of(), report.damagedPages());
        assertTrue(report.endLsn() > report.redoFromLsn());
        Duration phases =
                report.analysis().plus(report.repair()).plus(report.redo()).plus(report.undo());
        assertTrue(phases.compareTo(report.duration()) <= 0 && !report.redo().isZero(), report.toString());
        assertEquals(List.of(RestartPhase.values()), finished());
        assertDone(RestartPhase.REDO, report.bytesRedone());
        assertDone(RestartPhase.UNDO, LOSER_PUTS);
        assertEquals(0, map(second).count(Range.prefix("loser")).block(LIMIT));
        second.close().block(LIMIT);

        Store third = open(killed);
        RecoveryReport clean = third.recoveryReport();
        assertTrue(clean.cleanClose());
        assertEquals(0, clean.changesRedone());
        assertEquals(0, clean.transactionsRolledBack());
        assertEquals(List.of(RestartPhase.values()), finished());
        third.close().block(LIMIT);
    }

    private static void put(Store store) {
        OrderedMap<String, String> map = map(store);
        Flux.range(0, PUTS).flatMap(i -> map.put("k" + i, "v" + i)).then().block(LIMIT);
    }

    private static OrderedMap<String, String> map(Store store) {
        return store.map("m", Codecs.utf8(), Codecs.utf8());
    }

    private List<RestartPhase> finished() {
        return told.stream()
                .filter(RestartProgress::finished)
                .map(RestartProgress::phase)
                .toList();
    }

    private void assertDone(RestartPhase phase, long work) {
        RestartProgress last = told.stream()
                .filter(progress -> progress.phase() == phase && progress.finished())
                .findFirst()
                .orElseThrow();
        assertEquals(work, last.total());
        assertEquals(work, last.done());
    }

    private final class Events implements EngineEvents {
        @Override
        public void restarting(RestartProgress progress) {
            told.add(progress);
        }

        @Override
        public void poisoned(Throwable cause) {
            // The first store, when its disk is gone.
        }
    }
}
