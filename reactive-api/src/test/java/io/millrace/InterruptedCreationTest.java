package io.millrace;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.millrace.error.IncompatibleFormatException;
import io.millrace.recovery.ControlFile;
import io.millrace.storage.OpenMode;
import io.millrace.testkit.SimulatedDirectory;
import java.io.IOException;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;

/** The marker of a creation does not outlive it: it would pass a store that lost its control file off as half created. */
final class InterruptedCreationTest {
    private static final String MARKER = "millrace.creating";

    private static EngineAssembly open(SimulatedDirectory directory) throws IOException {
        Configuration configuration = Configuration.of(Map.of(), Map.of(), new Properties());
        return EngineAssembly.open(directory, configuration, cause -> {});
    }

    @Test
    void aMarkerLeftBehindAFinishedCreationIsRemoved() throws IOException {
        SimulatedDirectory directory = new SimulatedDirectory(1);
        open(directory).close();
        directory = directory.kill();
        directory.open(MARKER, OpenMode.CREATE).close();
        open(directory).close();
        directory = directory.kill();
        assertFalse(directory.exists(MARKER));

        directory.delete(ControlFile.NAME);
        SimulatedDirectory withoutControl = directory;
        assertThrows(IncompatibleFormatException.class, () -> open(withoutControl));
    }
}
