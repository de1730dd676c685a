package io.millrace.perf.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A JVM that is killed with SIGKILL in the middle of its transfers loses nothing that it had acknowledged. */
@Timeout(180)
class KillRecoveryTest {
    private static final boolean STRESS = Boolean.getBoolean("millrace.stress");
    private static final String SEED_WITH_AN_EARLY_KILL = "214";

    @TempDir
    private Path directory;

    @Test
    void nothingAcknowledgedIsLostAndNothingIsHalfApplied() {
        int rounds = STRESS ? 20 : 1;
        String output =
                demo(0, "--rounds", Integer.toString(rounds), "--seconds", "1", "--seed", "11", "--directory", store());
        String last = lastLine(output);
        assertTrue(
                last.matches(
                        "demo: rounds=" + rounds + " acknowledged=[1-9][0-9]* lost=0 torn=0 recovery_ms_max=[0-9]+"),
                output);

        String check = demo(0, "verify", "--directory", store());
        assertTrue(lastLine(check).contains(" torn=0 total=10000000 expected_total=10000000 "), check);
    }

    @Test
    void aKilledRecoveryIsBegunAnew() {
        int rounds = STRESS ? 20 : 1;
        String output = demo(
                0,
                "--rounds",
                Integer.toString(rounds),
                "--seconds",
                "1",
                "--seed",
                SEED_WITH_AN_EARLY_KILL,
                "--kill-recovery",
                "--directory",
                store());
        Matcher last = Pattern.compile("demo: rounds=" + rounds
                        + " acknowledged=[1-9][0-9]* lost=0 torn=0 kills_in_recovery=([0-9]+) recovery_ms_max=[0-9]+")
                .matcher(lastLine(output));
        assertTrue(last.matches(), output);
        // The moments are random, so not every kill comes in time; that of the first round does.
        assertTrue(Integer.parseInt(last.group(1)) >= (rounds + 3) / 4, output);
    }

    @Test
    void aStoreThatCannotBeOpenedEndsTheDemoWithTheReason() throws IOException {
        Files.writeString(directory.resolve("a-foreign-file"), "of somebody else");
        String output = demo(1, "--rounds", "1", "--seconds", "1", "--directory", directory.toString());
        assertTrue(output.contains("demo: failed: "), output);
        assertNotEquals("", lastLine(output));
        assertTrue(lastLine(output).startsWith("demo: rounds=0 acknowledged=0 "), output);
    }

    private String store() {
        return directory.resolve("store").toString();
    }

    private static String demo(int expectedStatus, String... arguments) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        int status = DemoCommand.run(List.of(arguments), new PrintStream(bytes, true, StandardCharsets.UTF_8));
        String output = bytes.toString(StandardCharsets.UTF_8);
        assertEquals(expectedStatus, status, output);
        return output;
    }

    private static String lastLine(String output) {
        String[] lines = output.strip().split("\\R");
        return lines[lines.length - 1];
    }
}
