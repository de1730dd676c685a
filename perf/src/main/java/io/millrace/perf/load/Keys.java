package io.millrace.perf.load;

/** The keys of all benchmarks: {@code user} and twelve digits, in the order of their numbers. */
public final class Keys {
    /** Bytes of a key. */
    public static final int BYTES = 16;

    private static final int DIGITS = 12;
    private static final int RADIX = 10;

    private Keys() {}

    /** The key with this number. */
    public static byte[] key(long number) {
        byte[] key = new byte[BYTES];
        write(key, number);
        return key;
    }

    /** Overwrites {@code key} with that of another number. */
    public static void write(byte[] key, long number) {
        key[0] = 'u';
        key[1] = 's';
        key[2] = 'e';
        key[3] = 'r';
        long rest = number;
        for (int i = BYTES - 1; i >= BYTES - DIGITS; i--) {
            key[i] = (byte) ('0' + rest % RADIX);
            rest /= RADIX;
        }
    }
}
