package io.millrace.btree;

import java.util.Random;

/** Keys that are hard on trees: common prefixes of any length, prefixes of each other, zeros, all lengths up to the limit. */
final class TestKeys {
    private static final byte[][] STEMS = {
        {}, "user".getBytes(java.nio.charset.StandardCharsets.UTF_8), new byte[7], {(byte) 0xFF, (byte) 0xFF, 0}
    };

    private final int maxLength;
    private final byte[] longStem;

    TestKeys(Random random, int pageSize) {
        maxLength = Limits.maxKey(pageSize);
        longStem = new byte[maxLength - 3];
        random.nextBytes(longStem);
    }

    byte[] next(Random random) {
        int choice = random.nextInt(20);
        if (choice <= 1) {
            return fill(random, longStem, 1 + random.nextInt(3), 32);
        }
        if (choice <= 3) {
            return fill(random, new byte[0], 1 + random.nextInt(maxLength), 256);
        }
        if (choice <= 5) {
            return fill(random, new byte[0], 1 + random.nextInt(3), 3);
        }
        return fill(random, STEMS[random.nextInt(STEMS.length)], 1 + random.nextInt(6), 8);
    }

    /** From a small set, so that keys come again. */
    byte[] nextOf(Random random, int count) {
        return next(new Random(random.nextInt(count) * 0x9E3779B97F4A7C15L));
    }

    private static byte[] fill(Random random, byte[] stem, int more, int alphabet) {
        byte[] key = java.util.Arrays.copyOf(stem, stem.length + more);
        for (int i = stem.length; i < key.length; i++) {
            key[i] = (byte) random.nextInt(alphabet);
        }
        return key;
    }
}
