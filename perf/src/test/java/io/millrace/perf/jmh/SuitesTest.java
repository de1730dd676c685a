package io.millrace.perf.jmh;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.perf.UsageException;
import java.io.PrintStream;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SuitesTest {
    @Test
    void everyQuestionHasASuite() {
        Set<String> names = Suites.names();
        assertTrue(
                names.containsAll(Set.of(
                        "Append",
                        "BulkLoad",
                        "CommitLatency",
                        "Eviction",
                        "GroupCommit",
                        "HotKey",
                        "LeafSearch",
                        "PageLookup",
                        "PageMiss",
                        "PointRead",
                        "RangeScan",
                        "TransactionMix",
                        "Update",
                        "VersionPressure")),
                names.toString());
    }

    @Test
    void anUnknownNameIsAnError() {
        PrintStream out = new PrintStream(PrintStream.nullOutputStream());
        UsageException error = assertThrows(UsageException.class, () -> Suites.run("no-such", List.of(), out));
        assertTrue(error.getMessage().contains("no-such"));
    }
}
