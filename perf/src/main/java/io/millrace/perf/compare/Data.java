package io.millrace.perf.compare;

import io.millrace.perf.load.Keys;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.SplittableRandom;

/** The entries that stores are filled with: all keys up to a number, random values that begin with a balance. */
final class Data {
    private static final int VALUES = 256;
    private static final long STRIDE = 0x9E37_79B9L;

    private final int count;
    private final byte[][] values = new byte[VALUES][];

    Data(int count, int valueSize) {
        this.count = count;
        SplittableRandom random = new SplittableRandom(4711);
        for (int i = 0; i < VALUES; i++) {
            values[i] = new byte[valueSize];
            random.nextBytes(values[i]);
            ByteBuffer.wrap(values[i]).putLong(0, Balance.INITIAL);
        }
    }

    byte[] value(long number) {
        return values[(int) (number & VALUES - 1)];
    }

    Iterator<KeyValue> sorted() {
        return entries(1);
    }

    /** In an order that looks random: steps of a number without a common divisor with the count. */
    Iterator<KeyValue> shuffled() {
        long stride = STRIDE % count | 1;
        while (greatestCommonDivisor(stride, count) != 1) {
            stride += 2;
        }
        return entries(stride);
    }

    private static long greatestCommonDivisor(long a, long b) {
        return b == 0 ? a : greatestCommonDivisor(b, a % b);
    }

    private Iterator<KeyValue> entries(long stride) {
        return new Iterator<>() {
            private int given;
            private long number;

            @Override
            public boolean hasNext() {
                return given < count;
            }

            @Override
            public KeyValue next() {
                if (given++ >= count) {
                    throw new NoSuchElementException();
                }
                KeyValue entry = new KeyValue(Keys.key(number), value(number));
                number = (number + stride) % count;
                return entry;
            }
        };
    }
}
