package io.millrace.storage;

import io.millrace.error.StoreLockedException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Tries to lock a directory in a process of its own. */
final class LockProbe {

    static final int TAKEN = 10;
    static final int REFUSED = 11;

    private LockProbe() {}

    static int run(Path directory) throws IOException, InterruptedException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        return new ProcessBuilder(List.of(
                        java,
                        "-cp",
                        System.getProperty("java.class.path"),
                        LockProbe.class.getName(),
                        directory.toString()))
                .inheritIO()
                .start()
                .waitFor();
    }

    public static void main(String[] args) throws IOException {
        int result;
        try (LocalDirectory directory = LocalDirectory.open(Path.of(args[0]));
                StorageLock lock = directory.lock("lock")) {
            result = lock == null ? 1 : TAKEN;
        } catch (StoreLockedException locked) {
            result = locked.sameProcess() ? 1 : REFUSED;
        }
        System.exit(result);
    }
}
