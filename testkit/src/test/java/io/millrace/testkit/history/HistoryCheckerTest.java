package io.millrace.testkit.history;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.testkit.Seeds;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Every kind of anomaly, planted, is found and called by its name, at the levels that forbid it and at no other; good histories are accepted. */
final class HistoryCheckerTest {
    private final History history = new History();
    private final Life life = history.life();
    private final Recording first = life.begin();
    private final Recording second = life.begin();
    private final Recording third = life.begin();

    private void assertFound(Anomaly anomaly, boolean realTime) {
        for (Level level : Level.values()) {
            List<Finding> findings = HistoryChecker.check(history, level);
            boolean found = findings.stream()
                    .anyMatch(finding -> finding.anomaly() == anomaly && finding.realTime() == realTime);
            assertEquals(anomaly.isForbiddenAt(level), found, level + ": " + findings);
        }
    }

    private static Set<Anomaly> anomalies(History history, Level level) {
        return HistoryChecker.check(history, level).stream()
                .map(Finding::anomaly)
                .collect(Collectors.toCollection(() -> EnumSet.noneOf(Anomaly.class)));
    }

    private void assertOnly(Level lowest, Anomaly... expected) {
        for (Level level : Level.values()) {
            Set<Anomaly> all = level.compareTo(lowest) < 0 ? Set.of() : Set.of(expected);
            assertEquals(all, anomalies(history, level), level.toString());
        }
    }

    private Recording after() {
        return history.life().begin();
    }

    @Test
    void dirtyWrite() {
        first.append(1, 1);
        second.append(1, 2);
        second.append(2, 3);
        first.append(2, 4);
        first.committed();
        second.committed();
        third.read(1, 1, 2);
        third.read(2, 3, 4);
        third.committed();
        assertFound(Anomaly.G0, false);
    }

    @Test
    void dirtyWriteBetweenTheAppendsOfOne() {
        first.append(1, 1);
        second.append(1, 2);
        first.append(1, 3);
        first.committed();
        second.committed();
        third.read(1, 1, 2, 3);
        third.committed();
        assertFound(Anomaly.G0, false);
    }

    @Test
    void abortedRead() {
        first.append(1, 1);
        second.read(1, 1);
        first.aborted();
        second.committed();
        assertFound(Anomaly.G1A, false);
    }

    @Test
    void intermediateRead() {
        first.append(1, 1);
        second.read(1, 1);
        first.append(1, 2);
        first.committed();
        second.committed();
        third.read(1, 1, 2);
        third.committed();
        assertFound(Anomaly.G1B, false);
    }

    @Test
    void circularInformationFlow() {
        first.append(1, 1);
        second.append(2, 2);
        first.read(2, 2);
        second.read(1, 1);
        first.committed();
        second.committed();
        assertFound(Anomaly.G1C, false);
    }

    @Test
    void readSkew() {
        first.append(1, 1);
        first.append(2, 2);
        second.read(1);
        first.committed();
        second.read(2, 2);
        second.committed();
        third.read(1, 1);
        third.committed();
        assertOnly(Level.SNAPSHOT, Anomaly.G_SINGLE);
    }

    @Test
    void lostUpdate() {
        first.read(1);
        second.read(1);
        first.append(1, 1);
        second.append(1, 2);
        first.committed();
        second.committed();
        third.read(1, 1, 2);
        third.committed();
        assertFound(Anomaly.LOST_UPDATE, false);
        assertFound(Anomaly.G_SINGLE, false);
    }

    @Test
    void longFork() {
        // Two readers see two independent writes in different orders: no two overwritten reads in a row.
        first.append(1, 1);
        second.append(2, 2);
        third.read(1, 1);
        third.read(2);
        Recording fourth = life.begin();
        fourth.read(1);
        fourth.read(2, 2);
        List.of(first, second, third, fourth).forEach(Recording::committed);
        Recording last = after();
        last.read(1, 1);
        last.read(2, 2);
        last.committed();
        assertOnly(Level.SNAPSHOT, Anomaly.G_NONADJACENT);
    }

    @Test
    void writeSkew() {
        first.read(1);
        first.read(2);
        second.read(1);
        second.read(2);
        first.append(1, 1);
        second.append(2, 2);
        first.committed();
        second.committed();
        third.read(1, 1);
        third.read(2, 2);
        third.committed();
        assertOnly(Level.SERIALIZABLE, Anomaly.G2_ITEM);
    }

    @Test
    void readOnlyAnomaly() {
        // Fekete, O'Neil and O'Neil (SIGMOD Record 2004): only the reader makes it one.
        first.read(1);
        first.read(2);
        second.append(2, 2);
        second.committed();
        third.read(1);
        third.read(2, 2);
        third.committed();
        first.append(1, 1);
        first.committed();
        Recording last = after();
        last.read(1, 1);
        last.committed();
        assertOnly(Level.SERIALIZABLE, Anomaly.G2_ITEM);
    }

    @Test
    void lostAppend() {
        first.append(1, 1);
        first.committed();
        second.append(1, 2);
        second.committed();
        Recording reader = after();
        reader.read(1, 2);
        reader.committed();
        assertFound(Anomaly.LOST_APPEND, false);
    }

    @Test
    void staleRead() {
        first.append(1, 1);
        first.committed();
        Recording reader = after();
        reader.read(1);
        reader.committed();
        Recording later = after();
        later.read(1, 1);
        later.committed();
        assertFound(Anomaly.STALE_READ, false);
        assertFound(Anomaly.G_SINGLE, true);
    }

    @Test
    void writesThatAreInTheWrongOrderInTime() {
        first.append(1, 1);
        first.committed();
        Recording late = after();
        late.append(1, 2);
        late.committed();
        third.read(1, 2, 1);
        third.committed();
        assertFound(Anomaly.G0, true);
    }

    @Test
    void readFromTheFuture() {
        first.read(1, 7);
        first.committed();
        Recording late = after();
        late.append(1, 7);
        late.committed();
        assertFound(Anomaly.G1C, true);
    }

    @Test
    void listsThatContradictEachOther() {
        first.append(1, 1);
        second.append(1, 2);
        first.committed();
        second.committed();
        third.read(1, 1, 2);
        third.committed();
        Recording other = after();
        other.read(1, 2, 1);
        other.committed();
        assertFound(Anomaly.INCOMPATIBLE_ORDER, false);
    }

    @Test
    void valueTwice() {
        first.append(1, 1);
        first.committed();
        second.read(1, 1, 1);
        second.committed();
        assertFound(Anomaly.INCOMPATIBLE_ORDER, false);
    }

    @Test
    void valueNobodyWrote() {
        first.read(1, 99);
        first.committed();
        assertFound(Anomaly.GARBAGE_READ, false);
    }

    @Test
    void ownAppendThatIsNotSeen() {
        first.append(1, 1);
        first.read(1);
        first.committed();
        assertFound(Anomaly.INTERNAL, false);
    }

    @Test
    void unrepeatableRead() {
        first.read(1);
        second.append(1, 1);
        second.committed();
        first.read(1, 1);
        first.committed();
        assertFound(Anomaly.UNREPEATABLE_READ, false);
    }

    @Test
    void unknownOutcomesMayGoEitherWay() {
        first.append(1, 1);
        second.append(2, 2);
        first.committing();
        second.committing();
        third.append(3, 3);
        life.cut();
        // What is recorded after the crash does not count.
        first.committed();
        Recording reader = after();
        reader.read(1);
        reader.read(2, 2);
        reader.committed();
        assertOnly(Level.SERIALIZABLE);
    }

    @Test
    void whatIsToldWhileTheCrashHappensIsNotAcknowledged() {
        first.append(1, 1);
        first.committing();
        life.crashing();
        first.committed();
        life.cut();
        Recording reader = after();
        reader.read(1);
        reader.committed();
        life.begin().read(1, 99);
        assertOnly(Level.SERIALIZABLE);
    }

    @Test
    void whatHadNotAskedForItsCommitDidNotHappen() {
        first.append(1, 1);
        life.cut();
        Recording reader = after();
        reader.read(1, 1);
        reader.committed();
        assertFound(Anomaly.G1A, false);
    }

    @Test
    void halfOfAnUnknownOneIsTooMuch() {
        first.append(1, 1);
        first.append(2, 2);
        first.committing();
        life.cut();
        Recording reader = after();
        reader.read(1, 1);
        reader.read(2);
        reader.committed();
        Recording later = after();
        later.read(2, 2);
        later.committed();
        assertFound(Anomaly.G_SINGLE, false);
    }

    @Test
    void appendThatIsNeverSeenAgainAfterItWas() {
        first.append(1, 1);
        first.committing();
        second.read(1, 1);
        second.committed();
        life.cut();
        Recording reader = after();
        reader.read(1);
        reader.committed();
        assertTrue(anomalies(history, Level.SNAPSHOT).contains(Anomaly.G_SINGLE));
    }

    @Test
    void valuesAreToBeUnique() {
        first.append(1, 1);
        second.append(1, 1);
        assertThrows(IllegalArgumentException.class, () -> HistoryChecker.check(history, Level.READ_COMMITTED));
    }

    @Test
    void goodHistoriesAreAccepted() {
        int[] skewed = new int[1];
        Seeds.forEach(150, (seed, random) -> {
            History serial = new ModelRun(random, true).run(120);
            assertEquals(List.of(), HistoryChecker.check(serial, Level.SERIALIZABLE));
            History snapshots = new ModelRun(random, false).run(120);
            assertEquals(List.of(), HistoryChecker.check(snapshots, Level.SNAPSHOT));
            Set<Anomaly> strict = anomalies(snapshots, Level.SERIALIZABLE);
            assertTrue(EnumSet.of(Anomaly.G2_ITEM).containsAll(strict), strict.toString());
            skewed[0] += strict.size();
        });
        assertTrue(skewed[0] > 0, "write skews are found in what is only of snapshots");
    }

    @Test
    void aModelThatForgetsItsRulesIsFoundOut() {
        for (ModelRun.Mistake mistake : EnumSet.complementOf(EnumSet.of(ModelRun.Mistake.NONE))) {
            int[] found = new int[1];
            Seeds.forEach(40, (seed, random) -> {
                History wrong = new ModelRun(random, false).with(mistake).run(200);
                found[0] += HistoryChecker.check(wrong, Level.SNAPSHOT).isEmpty() ? 0 : 1;
            });
            assertTrue(found[0] >= 5, mistake + " was found in " + found[0] + " of 40 histories");
        }
    }
}
