package io.millrace.perf.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.perf.UsageException;
import io.millrace.perf.result.Json;
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

class CompareCommandTest {
    @TempDir
    private Path directory;

    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

    @Test
    void itGoesOnWhereItWasAndEndsWithTheTable() throws IOException {
        Path json = directory.resolve("results.json");
        Run done = new Run(
                "commit",
                "lmdb",
                0,
                List.of(Map.of("workload", "commit", "point", "1 in flight", "unit", "ops/s", "value", 4711.0)),
                null,
                100,
                100);
        Files.writeString(
                directory.resolve("results.json.partial"),
                Json.line(Map.of("scale", "tiny", "environment", Map.of("cpu", "of the first part"))) + "\n"
                        + Json.line(done.members()) + "\n");

        assertEquals(
                0, run("--tiny", "--workloads", "commit", "--contenders", "lmdb,millrace", "--json", json.toString()));

        String text = printed.toString(StandardCharsets.UTF_8);
        assertTrue(text.contains("1 of 2 runs to do"), text);
        assertTrue(text.contains("4711"), text);
        Map<String, Object> document = JsonReader.readObject(Files.readString(json));
        assertEquals(Map.of("cpu", "of the first part"), document.get("environment"));
        Comparison comparison = Comparison.of(document);
        assertEquals(List.of(), comparison.failures());
        Comparison.Cell ours = comparison.cell(comparison.rows().get(0), "millrace");
        assertTrue(ours.median("value") >= 0 && ours.floor() > 0, text);
        assertFalse(Files.exists(directory.resolve("results.json.partial")));
    }

    @Test
    void aContenderThatFailsSpoilsNothing() throws IOException {
        try (Runner runner = new Runner(Scale.TINY, directory)) {
            Run run = runner.run(Workload.COMMIT, "nobody", 0);
            assertTrue(run.failure().contains("nobody"), run.failure());
            assertEquals(List.of(), run.cells());
        }
    }

    @Test
    void whatCanNotBeUnderstoodIsAnError() {
        assertThrows(UsageException.class, () -> run());
        assertThrows(UsageException.class, () -> run("--quick", "--full"));
        assertTrue(assertThrows(UsageException.class, () -> run("--tiny", "--contenders", "dbase"))
                .getMessage()
                .contains("dbase"));
        assertTrue(assertThrows(UsageException.class, () -> run("--tiny", "--workloads", "gossip"))
                .getMessage()
                .contains("gossip"));
    }

    private int run(String... arguments) throws IOException {
        List<String> all = new java.util.ArrayList<>(List.of(arguments));
        all.addAll(List.of("--directory", directory.resolve("stores").toString()));
        return CompareCommand.run(all, new PrintStream(printed, true, StandardCharsets.UTF_8));
    }
}
