package io.millrace.common;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class MemoryTest {

    private static final int SIZE = 1024;

    private final long base = Memory.allocateZeroed(SIZE);

    @AfterEach
    void release() {
        Memory.free(base);
    }

    @Test
    void numbersAreLittleEndianAndMayBeUnaligned() {
        Memory.putLong(base + 3, 0x0807060504030201L);
        byte[] bytes = new byte[8];
        Memory.copyToArray(base + 3, bytes, 0, 8);
        assertArrayEquals(new byte[] {1, 2, 3, 4, 5, 6, 7, 8}, bytes);
        assertEquals(0x0807060504030201L, Memory.getLong(base + 3));
        assertEquals(0x04030201, Memory.getInt(base + 3));
        assertEquals((short) 0x0201, Memory.getShort(base + 3));
        assertEquals(0, Memory.getLong(base + 16));
        Memory.putShort(base, (short) -1);
        assertEquals(0xFFFF, Memory.getUnsignedShort(base));
        assertEquals(0xFF, Memory.getUnsignedByte(base));
        assertEquals(-1, Memory.getByte(base));
    }

    @Test
    void orderedAccessAndCompareAndSet() {
        Memory.putLongVolatile(base, 5);
        assertEquals(5, Memory.getLongAcquire(base));
        assertFalse(Memory.compareAndSetLong(base, 4, 6));
        assertTrue(Memory.compareAndSetLong(base, 5, 6));
        assertEquals(6, Memory.getAndAddLong(base, 10));
        Memory.putIntRelease(base + 8, -3);
        assertEquals(-3, Memory.getIntVolatile(base + 8));
        assertTrue(Memory.compareAndSetInt(base + 8, -3, 1));
        assertEquals(16, Memory.getLongVolatile(base));
    }

    @Test
    void copiesOverlappingRegions() {
        byte[] bytes = sequence(100);
        Memory.copyFromArray(bytes, 0, base, 100);
        Memory.copy(base, base + 1, 99);
        byte[] moved = new byte[99];
        Memory.copyToArray(base + 1, moved, 0, 99);
        assertArrayEquals(Arrays.copyOf(bytes, 99), moved);
        Memory.setMemory(base, 100, (byte) 0x7F);
        assertEquals(0x7F7F7F7F, Memory.getInt(base + 96));
    }

    @Test
    void comparesLikeTheArraysOfTheJdk() {
        Random random = new Random(11);
        for (int i = 0; i < 20_000; i++) {
            byte[] a = new byte[random.nextInt(30)];
            byte[] b = new byte[random.nextInt(30)];
            fill(random, a);
            fill(random, b);
            Memory.copyFromArray(a, 0, base, a.length);
            Memory.copyFromArray(b, 0, base + 101, b.length);
            int expected = Integer.signum(Arrays.compareUnsigned(a, b));
            assertEquals(
                    expected,
                    Integer.signum(Memory.compareUnsigned(base, a.length, base + 101, b.length)),
                    () -> Arrays.toString(a) + " " + Arrays.toString(b));
            int common = Math.min(a.length, b.length);
            int mismatch = Arrays.mismatch(a, 0, common, b, 0, common);
            assertEquals(mismatch < 0 ? common : mismatch, Memory.mismatch(base, base + 101, common));
        }
    }

    @Test
    void hashDependsOnEveryBitAndOnTheLength() {
        Set<Long> seen = new HashSet<>();
        int entries = 0;
        for (int length = 0; length <= 40; length++) {
            Memory.setMemory(base, SIZE, (byte) 0);
            seen.add(Memory.hash(base, length));
            entries++;
            for (int bit = 0; bit < length * 8; bit++) {
                Memory.putByte(base + bit / 8, (byte) (1 << bit % 8));
                seen.add(Memory.hash(base, length));
                Memory.putByte(base + bit / 8, (byte) 0);
                entries++;
            }
        }
        assertEquals(entries, seen.size());
    }

    @Test
    void hashSpreadsSequentialKeysOverLowBits() {
        int[] buckets = new int[256];
        for (long i = 0; i < 256 * 100; i++) {
            Memory.putLong(base, i);
            buckets[(int) Memory.hash(base, 8) & 0xFF]++;
        }
        for (int count : buckets) {
            assertTrue(count > 50 && count < 160, () -> "uneven bucket: " + count);
        }
    }

    /** Few different bytes, so that long common prefixes and sign bits occur. */
    private static void fill(Random random, byte[] bytes) {
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (random.nextInt(12) == 0 ? 0x80 : 0x7F);
        }
    }

    private static byte[] sequence(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) i;
        }
        return bytes;
    }
}
