package io.millrace.perf.compare;

import java.nio.ByteBuffer;

/** The first eight bytes of a value as an account's balance. */
public final class Balance {
    /** Of every account at first. */
    public static final long INITIAL = 1000;

    private Balance() {}

    /** The balance. */
    public static long of(byte[] value) {
        return ByteBuffer.wrap(value).getLong(0);
    }

    /** A copy of the value with that much more. */
    public static byte[] plus(byte[] value, long amount) {
        byte[] changed = value.clone();
        ByteBuffer.wrap(changed).putLong(0, of(value) + amount);
        return changed;
    }
}
