package io.millrace.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.LongStream;

/**
 * Runs randomised tests so that each failure can be replayed: the error names the seed and the command. With the system
 * property {@code millrace.seed} only that seed runs.
 */
public final class Seeds {

    private static final String PROPERTY = "millrace.seed";

    private Seeds() {}

    /** A test that takes all its chances from the random given. */
    @FunctionalInterface
    public interface SeededTest {

        void run(long seed, Random random) throws Exception;
    }

    /** Runs a test with this many fresh seeds. Call it from the test method itself, which is named in the command. */
    public static void forEach(int runs, SeededTest test) {
        SplittableRandom fresh = new SplittableRandom();
        run(LongStream.generate(fresh::nextLong).limit(runs), caller(), test);
    }

    /** Runs a test with these seeds. Call it from the test method itself, which is named in the command. */
    public static void each(LongStream seeds, SeededTest test) {
        run(seeds, caller(), test);
    }

    private static String caller() {
        return StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE)
                .walk(frames -> frames.skip(2)
                        .findFirst()
                        .map(frame -> frame.getDeclaringClass().getSimpleName() + "#" + frame.getMethodName())
                        .orElseThrow());
    }

    /**
     * Seeds that are others with each commit, but the same for everybody who tests it; those of the next moment where there is no commit.
     */
    public static LongStream ofCommit(int count) {
        SplittableRandom fresh = new SplittableRandom(commit().hashCode());
        return LongStream.generate(fresh::nextLong).limit(count);
    }

    /** The commit that is checked out, in hexadecimal digits. */
    private static String commit() {
        try {
            for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
                Path git = at.resolve(".git");
                if (Files.isDirectory(git)) {
                    return resolve(git, Files.readString(git.resolve("HEAD")).strip());
                }
            }
        } catch (IOException noCommit) {
            // As if there were none.
        }
        return Long.toString(System.nanoTime());
    }

    private static String resolve(Path git, String head) throws IOException {
        if (!head.startsWith("ref: ")) {
            return head;
        }
        String name = head.substring("ref: ".length());
        Path loose = git.resolve(name);
        if (Files.exists(loose)) {
            return Files.readString(loose).strip();
        }
        return Files.readAllLines(git.resolve("packed-refs")).stream()
                .filter(line -> line.endsWith(" " + name))
                .findFirst()
                .orElse(head);
    }

    private static void run(LongStream seeds, String caller, SeededTest test) {
        Long given = Long.getLong(PROPERTY);
        LongStream wanted = given == null ? seeds : LongStream.of(given);
        wanted.forEach(seed -> run(seed, caller, test));
    }

    /** The command that runs one test with one seed. */
    static String replayCommand(String test, long seed) {
        Path module = Path.of("").toAbsolutePath().getFileName();
        return "./mvnw -Pquick -pl " + module + " -am test -Dtest='" + test + "' -D" + PROPERTY + "=" + seed;
    }

    private static void run(long seed, String caller, SeededTest test) {
        try {
            test.run(seed, new Random(seed));
        } catch (Throwable failure) {
            throw new AssertionError(failure + "\nseed " + seed + ", replay: " + replayCommand(caller, seed), failure);
        }
    }
}
