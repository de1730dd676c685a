package io.millrace.perf.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millrace.perf.faults.LoadLog.Failed;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * System calls of a child JVM fail, from outside, while it writes: the typed errors, the promises about reading and going on, and nothing
 * acknowledged lost when the store is opened again. Skipped where strace is missing or may not attach.
 */
@Timeout(180)
class SyscallFaultTest {
    private static final boolean STRESS = Boolean.getBoolean("millrace.stress");
    private static final List<String> SETTINGS =
            List.of("buffer-pool.page-size=4KiB", "buffer-pool.size=8MiB", "wal.segment-size=256KiB");
    private static final long SEGMENT_BYTES = 256 << 10;
    private static final List<String> NO_CHECKPOINTS = List.of("checkpoint.interval=24h", "checkpoint.log-bytes=1TiB");
    private static final List<String> MANY_CHECKPOINTS = List.of("checkpoint.interval=20ms");
    private static final String LOG = "millrace-log";
    private static final String PREPARER = "millrace-segments";
    private static final String GROWER = "millrace-space";
    private static final String CLEANER = "millrace-cleaner-0";
    private static final String CHECKPOINTER = "millrace-checkpoint";

    @TempDir
    private Path directory;

    private final LoadLog log = new LoadLog();

    @BeforeAll
    static void needsTracer() {
        String missing = Tracer.missing();
        if (missing != null) {
            System.out.println("SyscallFaultTest is skipped: " + missing);
        }
        assumeTrue(missing == null, missing);
    }

    private LoadChild start(List<String> checkpoints) throws IOException, InterruptedException {
        List<String> settings = new ArrayList<>(SETTINGS);
        settings.addAll(checkpoints);
        LoadChild child = LoadChild.start(List.of(), store().toString(), log, settings);
        assertEquals("opened", child.awaitOpened());
        return child;
    }

    private Path store() {
        return directory.resolve("store");
    }

    private List<String> file(String name) {
        return List.of(store().resolve(name).toString());
    }

    static IntStream forces() {
        return STRESS ? IntStream.rangeClosed(1, 60) : IntStream.of(1, 40);
    }

    @ParameterizedTest
    @MethodSource("forces")
    void theForceOfTheLogFails(int number) throws IOException, InterruptedException {
        try (LoadChild child = start(NO_CHECKPOINTS)) {
            poison(child, LOG, List.of(), "fdatasync:error=EIO:when=" + number, "Input/output error");
            assertTrue(
                    log.failed().stream().anyMatch(failed -> failed.error().equals("OutcomeUnknownException")),
                    "nobody's outcome is unknown");
            assertTrue(number > 1 || log.acknowledged() == 0, "acknowledged, and nothing had been forced");
        }
        log.assertNothingLost(store());
    }

    @ParameterizedTest
    @CsvSource({
        "pwrite64:error=EIO:when=30, Input/output error",
        "pwrite64:error=ENOSPC:when=30, No space left on device",
        "pwrite64:retval=0:when=30, the system wrote nothing"
    })
    void aWriteOfTheLogFails(String fault, String reason) throws IOException, InterruptedException {
        try (LoadChild child = start(NO_CHECKPOINTS)) {
            poison(child, LOG, List.of(), fault, reason);
        }
        log.assertNothingLost(store());
    }

    @ParameterizedTest
    @CsvSource({
        CLEANER + ", millrace.data, fdatasync",
        CLEANER + ", millrace.data, pwrite64",
        CLEANER + ", millrace.dwb, fdatasync",
        CLEANER + ", millrace.dwb, pwrite64",
        CHECKPOINTER + ", millrace.control, fdatasync",
        CHECKPOINTER + ", millrace.control, pwrite64"
    })
    void aCheckpointFails(String thread, String file, String call) throws IOException, InterruptedException {
        try (LoadChild child = start(MANY_CHECKPOINTS)) {
            poison(child, thread, file(file), call + ":error=EIO:when=2", "Input/output error");
        }
        log.assertNothingLost(store());
    }

    static Stream<String> faultsOfOpening() {
        return STRESS
                ? IntStream.rangeClosed(1, 12)
                        .boxed()
                        .flatMap(number ->
                                Stream.of("fdatasync:error=EIO:when=" + number, "pwrite64:error=EIO:when=" + number))
                : Stream.of("fdatasync:error=EIO:when=1", "pwrite64:error=EIO:when=3");
    }

    @ParameterizedTest
    @MethodSource("faultsOfOpening")
    void aRecoveryFails(String fault) throws IOException, InterruptedException {
        try (LoadChild child = start(NO_CHECKPOINTS)) {
            child.tell("run");
            child.awaitAcknowledgements(0, 200);
        }
        try (LoadChild child = LoadChild.start(Tracer.around(fault), store().toString(), log, SETTINGS)) {
            String word = child.awaitOpened();
            // A later fault may hit a thread that only begins to work then.
            assertTrue(STRESS && word.equals("opened") || word.startsWith("failed StorageIoException"), word);
        }
        log.assertNothingLost(store());
    }

    /** Every write ends with an error that names the first cause, later ones at once and for good; reading goes on; the store can be closed. */
    private void poison(LoadChild child, String thread, List<String> paths, String fault, String reason)
            throws IOException, InterruptedException {
        Tracer tracer = Tracer.attach(child.pid(), Set.of(thread), paths, fault);
        child.ask("run", "stopped");
        tracer.close();
        List<Failed> pending = log.failed();
        assertEquals(LoadProgram.LANES, pending.size());
        for (Failed failed : pending) {
            assertTrue(
                    failed.error().equals("OutcomeUnknownException")
                            || failed.error().equals("StorageIoException"),
                    failed.text());
            assertTrue(failed.text().contains(reason), failed.text());
        }
        child.assertReadsGoOn();
        child.ask("run", "stopped");
        for (Failed failed : log.failed().subList(pending.size(), 2 * LoadProgram.LANES)) {
            assertEquals("StorageIoException", failed.error(), failed.text());
            assertTrue(failed.text().contains(reason), failed.text());
        }
        child.assertCloses();
    }

    /** Writers are told that the disk is full, reading goes on, and as soon as there is space so does writing. */
    @ParameterizedTest
    @ValueSource(strings = {PREPARER, GROWER})
    void noSpaceForTheNextSegmentOrForTheDataFileToGrow(String thread) throws IOException, InterruptedException {
        try (LoadChild child = start(NO_CHECKPOINTS)) {
            Tracer tracer = Tracer.attach(child.pid(), Set.of(thread), List.of(), "pwrite64:error=ENOSPC");
            child.ask("run", "stopped");
            assertAllFull();
            child.assertReadsGoOn();
            tracer.close();
            int from = child.size();
            child.tell("insist");
            child.awaitAcknowledgements(from, 1_000);
            child.ask("stop", "stopped");
            child.assertReadsGoOn();
            child.assertCloses();
        }
        log.assertNothingLost(store());
    }

    private void assertAllFull() {
        assertFalse(log.failed().isEmpty());
        for (Failed failed : log.failed()) {
            assertEquals("StorageFullException", failed.error(), failed.text());
        }
    }

    @Test
    void killedWhileThereIsNoSpace() throws IOException, InterruptedException {
        try (LoadChild child = start(NO_CHECKPOINTS)) {
            Tracer tracer = Tracer.attach(child.pid(), Set.of(PREPARER, GROWER), List.of(), "pwrite64:error=ENOSPC");
            child.ask("run", "stopped");
            assertAllFull();
            child.kill();
            tracer.close();
        }
        log.assertNothingLost(store());
    }

    @Test
    void shortWritesAreContinued() throws IOException, InterruptedException {
        try (LoadChild child = start(NO_CHECKPOINTS)) {
            // These threads write zeros into new files: the call is not made, and a hole reads as zeros.
            Tracer tracer =
                    Tracer.attach(child.pid(), Set.of(PREPARER, GROWER), List.of(), "pwrite64:retval=512:when=1+2");
            int from = child.size();
            child.tell("run");
            child.awaitAcknowledgements(from, 4_000);
            child.ask("stop", "stopped");
            tracer.close();
            assertEquals(List.of(), log.failed());
        }
        try (DirectoryStream<Path> segments = Files.newDirectoryStream(store().resolve("wal"))) {
            for (Path segment : segments) {
                assertEquals(SEGMENT_BYTES, Files.size(segment), segment + " was not prepared to its end");
            }
        }
        log.assertNothingLost(store());
    }
}
