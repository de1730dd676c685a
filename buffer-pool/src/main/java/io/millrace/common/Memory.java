package io.millrace.common;

import java.lang.ref.Cleaner;
import java.nio.ByteOrder;
import org.agrona.UnsafeApi;

/**
 * Raw native memory by 64-bit address, the one place where the engine touches it.
 *
 * <p>Addresses are not checked: a wrong one ends the JVM. Numbers are little-endian, which is the machine's own order.
 * Plain access may be unaligned; volatile, acquire, release and compare-and-set access must be aligned to its width.
 * Byte order, width and alignment of on-disk fields are the business of the {@code *Layout} classes.
 */
public final class Memory {

    private static final Cleaner CLEANER = Cleaner.create();
    private static final long BYTES = UnsafeApi.arrayBaseOffset(byte[].class);

    private static final long HASH_A = 0xA0761D6478BD642FL;
    private static final long HASH_B = 0xE7037ED1A0B428DBL;
    private static final long HASH_C = 0x8EBC6AF09C88C6E3L;

    static {
        if (ByteOrder.nativeOrder() != ByteOrder.LITTLE_ENDIAN) {
            throw new IllegalStateException("Millrace needs a little-endian machine, this one is big-endian");
        }
    }

    private Memory() {}

    /** Native memory with arbitrary content; not counted against {@code MaxDirectMemorySize}. Pair with {@link #free}. */
    public static long allocate(long bytes) {
        return UnsafeApi.allocateMemory(bytes);
    }

    /** Native memory filled with zeros. Pair with {@link #free}. */
    public static long allocateZeroed(long bytes) {
        long address = UnsafeApi.allocateMemory(bytes);
        UnsafeApi.setMemory(address, bytes, (byte) 0);
        return address;
    }

    /** Zeroed memory that is freed once {@code owner}, through which alone it may be reached, has been collected. */
    public static long allocateOwned(Object owner, long bytes) {
        long address = allocateZeroed(bytes);
        CLEANER.register(owner, () -> free(address));
        return address;
    }

    /** Gives back what {@link #allocate} returned; 0 is ignored. */
    public static void free(long address) {
        UnsafeApi.freeMemory(address);
    }

    public static byte getByte(long address) {
        return UnsafeApi.getByte(address);
    }

    public static int getUnsignedByte(long address) {
        return UnsafeApi.getByte(address) & 0xFF;
    }

    public static short getShort(long address) {
        return UnsafeApi.getShort(address);
    }

    public static int getUnsignedShort(long address) {
        return UnsafeApi.getShort(address) & 0xFFFF;
    }

    public static int getInt(long address) {
        return UnsafeApi.getInt(address);
    }

    public static long getLong(long address) {
        return UnsafeApi.getLong(address);
    }

    public static void putByte(long address, byte value) {
        UnsafeApi.putByte(address, value);
    }

    public static void putShort(long address, short value) {
        UnsafeApi.putShort(address, value);
    }

    public static void putInt(long address, int value) {
        UnsafeApi.putInt(address, value);
    }

    public static void putLong(long address, long value) {
        UnsafeApi.putLong(address, value);
    }

    public static int getIntVolatile(long address) {
        return UnsafeApi.getIntVolatile(null, address);
    }

    public static long getLongVolatile(long address) {
        return UnsafeApi.getLongVolatile(null, address);
    }

    public static void putIntVolatile(long address, int value) {
        UnsafeApi.putIntVolatile(null, address, value);
    }

    public static void putLongVolatile(long address, long value) {
        UnsafeApi.putLongVolatile(null, address, value);
    }

    public static int getIntAcquire(long address) {
        return UnsafeApi.getIntAcquire(null, address);
    }

    public static long getLongAcquire(long address) {
        return UnsafeApi.getLongAcquire(null, address);
    }

    public static void putIntRelease(long address, int value) {
        UnsafeApi.putIntRelease(null, address, value);
    }

    public static void putLongRelease(long address, long value) {
        UnsafeApi.putLongRelease(null, address, value);
    }

    /** Volatile on both sides. */
    public static boolean compareAndSetInt(long address, int expected, int value) {
        return UnsafeApi.compareAndSetInt(null, address, expected, value);
    }

    /** Volatile on both sides. */
    public static boolean compareAndSetLong(long address, long expected, long value) {
        return UnsafeApi.compareAndSetLong(null, address, expected, value);
    }

    /** Volatile on both sides; returns the value before. */
    public static long getAndAddLong(long address, long delta) {
        return UnsafeApi.getAndAddLong(null, address, delta);
    }

    /** No load before it moves behind a load or store after it. */
    public static void loadFence() {
        UnsafeApi.loadFence();
    }

    /** No load or store before it moves behind a store after it. */
    public static void storeFence() {
        UnsafeApi.storeFence();
    }

    /** Nothing moves across. */
    public static void fullFence() {
        UnsafeApi.fullFence();
    }

    /** Copies; the regions may overlap. */
    public static void copy(long source, long target, long length) {
        assert length >= 0 : length;
        UnsafeApi.copyMemory(source, target, length);
    }

    public static void copyFromArray(byte[] source, int offset, long target, int length) {
        assert (offset | length | source.length - offset - length) >= 0 : offset + ", " + length;
        UnsafeApi.copyMemory(source, BYTES + offset, null, target, length);
    }

    public static void copyToArray(long source, byte[] target, int offset, int length) {
        assert (offset | length | target.length - offset - length) >= 0 : offset + ", " + length;
        UnsafeApi.copyMemory(null, source, target, BYTES + offset, length);
    }

    public static void setMemory(long address, long length, byte value) {
        assert length >= 0 : length;
        UnsafeApi.setMemory(address, length, value);
    }

    /** Lexicographic order of unsigned bytes; a prefix comes first. Negative, zero or positive. */
    public static int compareUnsigned(long addressA, int lengthA, long addressB, int lengthB) {
        int common = Math.min(lengthA, lengthB);
        int index = 0;
        for (; index <= common - Long.BYTES; index += Long.BYTES) {
            long a = getLong(addressA + index);
            long b = getLong(addressB + index);
            if (a != b) {
                return Long.compareUnsigned(Long.reverseBytes(a), Long.reverseBytes(b));
            }
        }
        for (; index < common; index++) {
            int difference = getUnsignedByte(addressA + index) - getUnsignedByte(addressB + index);
            if (difference != 0) {
                return difference;
            }
        }
        return lengthA - lengthB;
    }

    /** How many leading bytes are equal: {@code length} if all are. */
    public static int mismatch(long addressA, long addressB, int length) {
        int index = 0;
        for (; index <= length - Long.BYTES; index += Long.BYTES) {
            long difference = getLong(addressA + index) ^ getLong(addressB + index);
            if (difference != 0) {
                return index + (Long.numberOfTrailingZeros(difference) >>> 3);
            }
        }
        while (index < length && getByte(addressA + index) == getByte(addressB + index)) {
            index++;
        }
        return index;
    }

    /** A well mixed 64-bit hash of the bytes, for tables in memory; may change between versions, so never on disk. */
    public static long hash(long address, int length) {
        long state = HASH_C ^ length;
        int index = 0;
        for (; index <= length - 16; index += 16) {
            state = mix(getLong(address + index) ^ HASH_A, getLong(address + index + 8) ^ state);
        }
        long first = 0;
        if (index <= length - Long.BYTES) {
            first = getLong(address + index);
            index += Long.BYTES;
        }
        long last = 0;
        for (; index < length; index++) {
            last = last << 8 | getUnsignedByte(address + index);
        }
        state = mix(first ^ HASH_B, last ^ state);
        return mix(state ^ HASH_A, length ^ HASH_B);
    }

    /** Folded 128-bit product, the mixing step of the wyhash family. */
    private static long mix(long a, long b) {
        return a * b ^ Math.multiplyHigh(a, b);
    }
}
