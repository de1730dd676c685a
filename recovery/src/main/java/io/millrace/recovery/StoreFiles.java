package io.millrace.recovery;

import io.millrace.error.IncompatibleFormatException;
import io.millrace.storage.OpenMode;
import io.millrace.storage.StorageDirectory;
import java.io.IOException;
import java.util.List;
import java.util.Set;

/**
 * What may lie in a store directory, and whether it is a store.
 *
 * <p>A store exists from the moment its control file does. While it is being created there is a marker; a creation that a crash cut short is
 * begun anew. Files without control file and without marker belong to somebody else: nothing is touched.
 */
public final class StoreFiles {
    /** Held locked while the store is open. */
    public static final String LOCK = "millrace.lock";
    /** Pages. */
    public static final String DATA = "millrace.data";
    /** Double-write area. */
    public static final String DOUBLE_WRITE = "millrace.dwb";
    /** Directory of the log segments. */
    public static final String LOG_DIRECTORY = "wal";
    /** The user's settings; never written by the store. */
    public static final String PROPERTIES = "millrace.properties";

    static final String CREATING = "millrace.creating";
    static final String NEW_CONTROL = "millrace.control.new";

    private static final Set<String> NEUTRAL = Set.of(LOCK, PROPERTIES, "lost+found");
    private static final Set<String> OWN =
            Set.of(CREATING, NEW_CONTROL, DATA, DOUBLE_WRITE, LOG_DIRECTORY, ControlFile.NAME);

    private StoreFiles() {}

    /**
     * Whether {@code directory} holds a store; false if one may be created in it.
     *
     * @throws IncompatibleFormatException if it holds something else
     */
    public static boolean isStore(StorageDirectory directory) throws IOException {
        if (directory.exists(ControlFile.NAME)) {
            return true;
        }
        boolean interrupted = directory.exists(CREATING);
        for (String name : directory.list("")) {
            if (!NEUTRAL.contains(name) && !(interrupted && OWN.contains(name))) {
                throw new IncompatibleFormatException(
                        directory.path(name),
                        "a file that is not Millrace's, or a store without its " + ControlFile.NAME,
                        "an empty directory, or a store");
            }
        }
        return false;
    }

    /** Marks the beginning of a creation and clears what a former one left. */
    static void beginCreation(StorageDirectory directory) throws IOException {
        if (!directory.exists(CREATING)) {
            directory.open(CREATING, OpenMode.CREATE).close();
            directory.force();
        }
        for (String name : List.of(NEW_CONTROL, DATA, DOUBLE_WRITE)) {
            directory.delete(name);
        }
        directory.createDirectory(LOG_DIRECTORY);
        for (String segment : directory.list(LOG_DIRECTORY)) {
            directory.delete(segment);
        }
        directory.force(LOG_DIRECTORY);
        directory.force();
    }

    /** The control file takes its place: from now on the store exists. */
    static void endCreation(StorageDirectory directory) throws IOException {
        directory.force();
        directory.rename(NEW_CONTROL, ControlFile.NAME);
        directory.force();
        clearMarker(directory);
    }

    /** Removes a marker that a crash left behind a finished creation. */
    static void clearMarker(StorageDirectory directory) throws IOException {
        if (directory.delete(CREATING)) {
            directory.force();
        }
    }
}
