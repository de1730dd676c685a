package io.millrace.perf.demo;

/**
 * A transfer of money. Its id decides its content, so whoever knows the id knows what must stand in the journal.
 *
 * @param id unique in the bank: the round in the upper half, a running number in the lower
 * @param from account that pays
 * @param to another account
 * @param amount at least 1
 */
record Transfer(long id, int from, int to, long amount) {
    private static final int NUMBER_BITS = 32;
    private static final int MAX_AMOUNT = 100;

    static long id(long round, long number) {
        return round << NUMBER_BITS | number;
    }

    static long round(long id) {
        return id >>> NUMBER_BITS;
    }

    static long number(long id) {
        return id & (1L << NUMBER_BITS) - 1;
    }

    static Transfer of(long bankSeed, long id, int accounts) {
        long random = mix(bankSeed ^ mix(id));
        int from = (int) Long.remainderUnsigned(random, accounts);
        random = mix(random);
        int other = (int) Long.remainderUnsigned(random, accounts - 1);
        int to = other < from ? other : other + 1;
        return new Transfer(id, from, to, 1 + Long.remainderUnsigned(mix(random), MAX_AMOUNT));
    }

    /** The finaliser of SplitMix64, one step on. */
    static long mix(long value) {
        long z = value + 0x9E3779B97F4A7C15L;
        z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
        z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
        return z ^ z >>> 31;
    }
}
