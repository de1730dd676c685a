package io.millrace.perf.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.perf.UsageException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RecoveryCommandTest {
    @TempDir
    private Path directory;

    @Test
    void sizesTakeUnits() {
        RecoveryOptions options = RecoveryOptions.parse(List.of("--log", "1MiB, 2GiB", "--keys", "10k"));
        assertEquals(List.of(1L << 20, 2L << 30), options.logBytes());
        assertEquals(10_000, options.keys());
    }

    @Test
    void whatMakesNoSenseIsAnError() {
        for (List<String> wrong : List.of(List.of("--log", "long"), List.of("--rounds", "0"), List.of("gossip"))) {
            assertThrows(UsageException.class, () -> RecoveryOptions.parse(wrong), wrong.toString());
        }
    }

    @Test
    void theLogThatWasWrittenIsRepeatedAfterTheKill() throws IOException {
        String printed = run("--log", "4MiB", "--keys", "2000");
        Matcher line = Pattern.compile("recovery: log=(\\d+)MiB floor_ms=\\d+ redo_ms=\\d+ ratio=[0-9.]+ rss_mib=\\d+ "
                        + ".*changes=(\\d+)")
                .matcher(printed);
        assertTrue(line.find(), printed);
        // Of 4 MiB some is headers of blocks; nothing else may shorten it.
        assertTrue(Long.parseLong(line.group(1)) >= 3, printed);
        assertTrue(Long.parseLong(line.group(2)) > 10_000, printed);
        try (Stream<Path> left = Files.list(directory)) {
            assertEquals(0, left.count());
        }
    }

    @Test
    void killsUnderLoadTellTheLongestRecovery() throws IOException {
        String printed = run("--kill-under-load", "--keys", "2000", "--rounds", "2", "--seconds", "1");
        assertTrue(printed.contains("recovery: kills=2 longest_ms="), printed);
    }

    private String run(String... options) throws IOException {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        List<String> arguments = Stream.concat(Stream.of("--directory", directory.toString()), Stream.of(options))
                .toList();
        assertEquals(0, RecoveryCommand.run(arguments, new PrintStream(printed, true, StandardCharsets.UTF_8)));
        return printed.toString(StandardCharsets.UTF_8);
    }
}
