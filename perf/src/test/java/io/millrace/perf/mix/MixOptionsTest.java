package io.millrace.perf.mix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.perf.UsageException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MixOptionsTest {
    @TempDir
    private Path directory;

    @Test
    void numbersTakeUnits() {
        MixOptions options = MixOptions.parse(
                List.of("--keys", "10M", "--value-size", "1KiB", "--rate", "50k", "--zipf", "0.5", "--reads", "70"));
        assertEquals(10_000_000, options.keys());
        assertEquals(1024, options.valueSize());
        assertEquals(50_000, options.rate());
        assertEquals(0.5, options.zipf());
        assertEquals(70, options.readPercent());
    }

    @Test
    void whatMakesNoSenseIsAnError() {
        for (List<String> wrong : List.of(
                List.of("--reads", "80", "--scan", "30"),
                List.of("--keys", "0"),
                List.of("--keys", "ten"),
                List.of("--keys", "99999999999G"),
                List.of("--value-size", "3GiB"),
                List.of("--zipf", "1"),
                List.of("gossip"))) {
            assertThrows(UsageException.class, () -> MixOptions.parse(wrong), wrong.toString());
        }
    }

    @Test
    void aShortMixRunsOnARealStore() throws IOException {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8);
        List<String> arguments = List.of(
                "--keys",
                "2000",
                "--rate",
                "500",
                "--seconds",
                "1",
                "--warm-up",
                "0",
                "--directory",
                directory.toString());

        assertEquals(0, MixCommand.run(arguments, out));
        assertTrue(printed.toString(StandardCharsets.UTF_8).contains("filling with 2000 keys"));
        assertTrue(printed.toString(StandardCharsets.UTF_8).contains("500 operations"));

        printed.reset();
        assertEquals(0, MixCommand.run(arguments, out));
        assertTrue(!printed.toString(StandardCharsets.UTF_8).contains("filling"), "the keys are there already");
    }
}
