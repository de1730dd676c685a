package io.millrace.perf.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.perf.UsageException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DemoOptionsTest {
    private static DemoOptions parse(String... arguments) {
        return DemoOptions.of(DemoOptions.parse(List.of(arguments)));
    }

    @Test
    void hasDefaults() {
        DemoOptions options = parse();
        assertEquals(5, options.rounds());
        assertEquals(3, options.seconds());
        assertNull(options.directory());
        assertEquals(Map.of(), options.settings());
    }

    @Test
    void aChildGetsTheSameStore() {
        DemoOptions options = parse(
                "--seed",
                "-7",
                "--accounts",
                "50",
                "--in-flight",
                "9",
                "--directory",
                "/tmp/x",
                "-p",
                "wal.sync=force");
        List<String> arguments = options.forChild("child-worker");
        assertEquals(List.of("demo", "child-worker"), arguments.subList(0, 2));
        DemoOptions child = parse(arguments.subList(2, arguments.size()).toArray(String[]::new));
        assertEquals(-7, child.seed());
        assertEquals(50, child.accounts());
        assertEquals(9, child.inFlight());
        assertEquals(Path.of("/tmp/x"), child.directory());
        assertEquals(Map.of("wal.sync", "force"), child.settings());
    }

    @Test
    void aLongRecoveryNeedsALogThatNoCheckpointCutsUnlessOneIsAskedFor() {
        DemoOptions options = parse("--kill-recovery", "--directory", "/tmp/x", "-p", "checkpoint.interval=1s");
        assertTrue(options.killRecovery());
        assertEquals(
                Map.of("checkpoint.interval", "1s", "checkpoint.log-bytes", "1TiB"),
                options.withoutCheckpoints().settings());
        assertEquals(Map.of("checkpoint.interval", "1s"), options.settings());
    }

    @Test
    void oneAccountIsNotEnough() {
        assertThrows(UsageException.class, () -> parse("--accounts", "1"));
        assertThrows(UsageException.class, () -> parse("fast"));
    }
}
