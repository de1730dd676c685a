package io.millrace.perf.compare;

import java.util.List;

/**
 * How much of everything.
 *
 * @param name of this scale, {@code quick} or {@code full}
 * @param keys entries of the store
 * @param valueSize bytes of a value
 * @param cacheBytes memory for the store's cache; all entries fit
 * @param firstWarmUpSeconds before the first cell of a JVM, which still has to compile what it runs
 * @param warmUpSeconds before each further cell
 * @param seconds of a cell
 * @param inFlight numbers of commits in flight
 * @param repetitions how often everything is measured
 * @param large what is measured with little memory
 * @param heapMiB heap of a contender's JVM
 * @param limitSeconds longest time a contender has for one workload
 */
record Scale(
        String name,
        int keys,
        int valueSize,
        long cacheBytes,
        double firstWarmUpSeconds,
        double warmUpSeconds,
        double seconds,
        List<Integer> inFlight,
        int repetitions,
        Large large,
        int heapMiB,
        int limitSeconds) {
    /**
     * More data than memory.
     *
     * @param keys entries
     * @param valueSize bytes of a value
     * @param cacheBytes memory for the store's cache
     * @param heapMiB heap of the JVM that reads
     * @param totalMiB what the whole process may use, page cache included
     */
    record Large(int keys, int valueSize, long cacheBytes, int heapMiB, int totalMiB) {}

    private static final long MIB = 1 << 20;
    private static final int ACCOUNTS = 10_000;
    private static final int LARGE_VALUE = 500;
    private static final List<Integer> IN_FLIGHT = List.of(1, 16, 64, 256, 1024);

    static final Scale QUICK = new Scale(
            "quick",
            100_000,
            100,
            64 * MIB,
            1.5,
            0.5,
            1,
            IN_FLIGHT,
            1,
            new Large((int) (256 * MIB / LARGE_VALUE), LARGE_VALUE, 32 * MIB, 128, 352),
            1024,
            90);

    static final Scale FULL = new Scale(
            "full",
            1_000_000,
            100,
            1024 * MIB,
            5,
            3,
            10,
            IN_FLIGHT,
            3,
            new Large((int) (2048 * MIB / LARGE_VALUE), LARGE_VALUE, 256 * MIB, 320, 768),
            3072,
            1200);

    /** Smaller than any measurement: for tests of the machinery. */
    static final Scale TINY = new Scale(
            "tiny", 2000, 100, 8 * MIB, 0, 0, 0.05, List.of(1, 4), 1, new Large(2000, 200, 4 * MIB, 96, 256), 256, 60);

    static Scale named(String name) {
        return switch (name) {
            case "quick" -> QUICK;
            case "full" -> FULL;
            case "tiny" -> TINY;
            default -> throw new IllegalArgumentException("no scale is called " + name);
        };
    }

    /** The same with another warm-up before each cell. */
    Scale withWarmUp(double otherSeconds) {
        return new Scale(
                name,
                keys,
                valueSize,
                cacheBytes,
                firstWarmUpSeconds,
                otherSeconds,
                seconds,
                inFlight,
                repetitions,
                large,
                heapMiB,
                limitSeconds);
    }

    int accounts() {
        return Math.min(ACCOUNTS, keys);
    }
}
