package io.millrace.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.error.IncompatibleFormatException;
import io.millrace.storage.OpenMode;
import io.millrace.testkit.SimulatedDirectory;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A directory is a store, or may become one, or is somebody else's. */
final class StoreFilesTest {
    @Test
    void neutralFilesDoNotMakeADirectoryForeign() throws IOException {
        SimulatedDirectory directory = new SimulatedDirectory(1);
        directory.createDirectory("lost+found");
        directory.open(StoreFiles.PROPERTIES, OpenMode.CREATE).close();
        directory.open(StoreFiles.LOCK, OpenMode.CREATE).close();
        assertFalse(StoreFiles.isStore(directory));
    }

    @Test
    void aForeignFileIsNamedAndNothingChanged() throws IOException {
        SimulatedDirectory directory = new SimulatedDirectory(2);
        directory.open("holiday.jpg", OpenMode.CREATE).close();
        long changes = directory.changes();
        IncompatibleFormatException refusal =
                assertThrows(IncompatibleFormatException.class, () -> StoreFiles.isStore(directory));
        assertTrue(refusal.getMessage().contains("holiday.jpg"), refusal.getMessage());
        assertEquals(changes, directory.changes());
    }

    @Test
    void aStoreThatLostItsControlFileIsNotOverwritten() throws IOException {
        SimulatedDirectory directory = new SimulatedDirectory(3);
        directory.open(StoreFiles.DATA, OpenMode.CREATE).close();
        assertThrows(IncompatibleFormatException.class, () -> StoreFiles.isStore(directory));
    }

    @Test
    void anInterruptedCreationBeginsAnew() throws IOException {
        SimulatedDirectory directory = new SimulatedDirectory(4);
        StoreFiles.beginCreation(directory);
        directory.open(StoreFiles.DATA, OpenMode.CREATE).close();
        assertFalse(StoreFiles.isStore(directory));
        StoreFiles.beginCreation(directory);
        assertEquals(List.of(), directory.list(StoreFiles.LOG_DIRECTORY));
        assertFalse(directory.exists(StoreFiles.DATA));
    }
}
