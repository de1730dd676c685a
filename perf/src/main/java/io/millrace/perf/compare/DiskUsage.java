package io.millrace.perf.compare;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** What files take up on the disk, and how to make the kernel forget what it keeps of them. */
final class DiskUsage {
    private DiskUsage() {}

    /** Bytes allocated for a directory's files: holes do not count. Their lengths, where there is no {@code du}. */
    static long bytes(Path directory) throws IOException {
        Process du = new ProcessBuilder("du", "-s", "-B1", directory.toString()).start();
        String answer = new String(du.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        String number = answer.strip().split("\\s")[0];
        return number.isEmpty() ? lengths(directory) : Long.parseLong(number);
    }

    private static long lengths(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(Files::isRegularFile)
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        }
    }

    /** Drops a directory's files from the page cache; answers whether that worked. */
    static boolean dropFromCache(Path directory) throws IOException {
        boolean all = true;
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Process dd = new ProcessBuilder("dd", "if=" + file, "iflag=nocache", "count=0", "status=none")
                        .inheritIO()
                        .start();
                all &= exited(dd);
            }
        }
        return all;
    }

    private static boolean exited(Process process) {
        try {
            return process.waitFor() == 0;
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted", e);
        }
    }
}
