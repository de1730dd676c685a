package io.millrace.testkit;

import java.nio.file.Path;
import java.util.Random;
import java.util.SplittableRandom;

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
        String caller = StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE)
                .walk(frames -> frames.skip(1)
                        .findFirst()
                        .map(frame -> frame.getDeclaringClass().getSimpleName() + "#" + frame.getMethodName())
                        .orElseThrow());
        Long given = Long.getLong(PROPERTY);
        if (given != null) {
            run(given, caller, test);
            return;
        }
        SplittableRandom fresh = new SplittableRandom();
        for (int i = 0; i < runs; i++) {
            run(fresh.nextLong(), caller, test);
        }
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
