package io.millrace.recovery;

import io.millrace.buffer.DataFile;
import io.millrace.error.IncompatibleFormatException;
import io.millrace.storage.OpenMode;
import io.millrace.storage.StorageDirectory;
import java.io.IOException;
import java.util.ArrayList;
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

    private static final String NEW_MARKER = "millrace.creating.new";
    private static final Set<String> NEUTRAL = Set.of(LOCK, PROPERTIES, NEW_MARKER, "lost+found");
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
        List<String> names = new ArrayList<>(directory.list(""));
        names.addAll(directory.listDirectories());
        for (String name : names) {
            if (!NEUTRAL.contains(name) && !(interrupted && OWN.contains(name))) {
                throw new IncompatibleFormatException(
                        directory.path(name),
                        "a file that is not Millrace's, or a store without its " + ControlFile.NAME,
                        "an empty directory, or a store");
            }
        }
        return false;
    }

    /**
     * Looks whether the data file is the one the control file speaks of; changes nothing.
     *
     * @throws io.millrace.error.CorruptPageException if it is another one, or cut short
     * @throws IncompatibleFormatException if a later version wrote it
     */
    public static void checkData(DataFile data, ControlRecord control) {
        MetaPage.check(data, control);
    }

    /** Marks the beginning of a creation and clears what a former one left. */
    static void beginCreation(StorageDirectory directory) throws IOException {
        // One of a former creation may be there and not be durable: the new one replaces it.
        directory.delete(NEW_MARKER);
        directory.open(NEW_MARKER, OpenMode.CREATE).close();
        directory.rename(NEW_MARKER, CREATING);
        directory.force();
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
        directory.delete(CREATING);
        directory.force();
    }

    /**
     * Looks whether a store may be copied to {@code directory}.
     *
     * @throws IncompatibleFormatException if there is something in it
     */
    static void checkEmpty(StorageDirectory directory) throws IOException {
        List<String> names = new ArrayList<>(directory.list(""));
        names.addAll(directory.list(LOG_DIRECTORY));
        names.addAll(directory.listDirectories());
        names.remove(LOG_DIRECTORY);
        names.remove("lost+found");
        if (!names.isEmpty()) {
            throw new IncompatibleFormatException(directory.path(names.get(0)), "a file", "an empty directory");
        }
    }

    /** The control file of a copy takes its place, last of all: from now on it is a store. */
    static void endCopy(StorageDirectory directory) throws IOException {
        directory.force(LOG_DIRECTORY);
        directory.force();
        directory.rename(NEW_CONTROL, ControlFile.NAME);
        directory.force();
    }

    /** Whether the creation of the store was cut short, or failed, at its very end. */
    static boolean isUnfinished(StorageDirectory directory) throws IOException {
        return directory.exists(CREATING);
    }
}
