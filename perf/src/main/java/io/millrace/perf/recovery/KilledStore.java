package io.millrace.perf.recovery;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;

/** The files of a store that was killed. */
final class KilledStore {
    private KilledStore() {}

    static Path data(Path store) {
        return store.resolve("millrace.data");
    }

    /** Where the one that fills it leaves its data file as it was before the log was written. */
    static Path dataBefore(Path store) {
        return store.resolveSibling(store.getFileName() + "-data");
    }

    /** Another copy of the store. */
    static Path secondOf(Path store) {
        return store.resolveSibling(store.getFileName() + "-second");
    }

    /**
     * Puts the data file back as it was at the restart point: pages that were written home meanwhile would spare recovery the work that is to be
     * measured. Recovery is right with any pages from the restart point on.
     */
    static void forgetWriteBack(Path store) throws IOException {
        Files.move(dataBefore(store), data(store), StandardCopyOption.REPLACE_EXISTING);
    }

    static void copy(Path store) throws IOException {
        List<Path> files;
        try (Stream<Path> found = Files.walk(store)) {
            files = found.toList();
        }
        for (Path file : files) {
            Files.copy(file, secondOf(store).resolve(store.relativize(file).toString()));
        }
    }
}
