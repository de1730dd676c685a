package io.millrace.perf.bench;

import java.nio.ByteBuffer;
import java.util.SplittableRandom;

/** Random keys of 16 bytes, spread over the whole map. For one thread at a time. */
final class CommitKeys {
    private static final int KEY_BYTES = 16;
    private static final long SPREAD = 0x9E3779B97F4A7C15L;

    private final long keys;
    private final SplittableRandom random;

    CommitKeys(long keys, SplittableRandom random) {
        this.keys = keys;
        this.random = random;
    }

    byte[] next() {
        byte[] key = new byte[KEY_BYTES];
        long number = random.nextLong(keys);
        ByteBuffer.wrap(key).putLong(0, number * SPREAD).putLong(Long.BYTES, number);
        return key;
    }
}
