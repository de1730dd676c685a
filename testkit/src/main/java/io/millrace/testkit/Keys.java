package io.millrace.testkit;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;

/** Makes keys for tests. */
public final class Keys {

    private static final String PREFIX = "user";
    private static final int DIGITS = 12;

    private Keys() {}

    /** {@code user000000000042}: sorts like its number. */
    public static byte[] sequential(long number) {
        byte[] key = Arrays.copyOf(PREFIX.getBytes(StandardCharsets.US_ASCII), PREFIX.length() + DIGITS);
        long rest = number;
        for (int i = key.length - 1; i >= PREFIX.length(); i--) {
            key[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        if (number < 0 || rest != 0) {
            throw new IllegalArgumentException("not a number of at most " + DIGITS + " digits: " + number);
        }
        return key;
    }

    /** Any bytes, 1 to {@code maxLength} of them. */
    public static byte[] random(Random random, int maxLength) {
        byte[] key = new byte[1 + random.nextInt(maxLength)];
        random.nextBytes(key);
        return key;
    }

    /** The prefix, and 0 to {@code maxRest} bytes of 00, 01, 7F, 80 and FF: many neighbours, duplicates and prefixes. */
    public static byte[] commonPrefix(byte[] prefix, Random random, int maxRest) {
        byte[] bytes = {0, 1, 0x7F, (byte) 0x80, (byte) 0xFF};
        byte[] key = Arrays.copyOf(prefix, prefix.length + random.nextInt(maxRest + 1));
        for (int i = prefix.length; i < key.length; i++) {
            key[i] = bytes[random.nextInt(bytes.length)];
        }
        return key;
    }
}
