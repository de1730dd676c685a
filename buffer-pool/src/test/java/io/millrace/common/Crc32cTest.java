package io.millrace.common;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.agrona.BufferUtil;
import org.junit.jupiter.api.Test;

final class Crc32cTest {

    @Test
    void matchesThePublishedVectors() {
        check(0xE3069283, "123456789".getBytes(StandardCharsets.US_ASCII));
        check(0x8A9136AA, new byte[32]);
        byte[] ones = new byte[32];
        Arrays.fill(ones, (byte) 0xFF);
        check(0x62A8AB43, ones);
        byte[] rising = new byte[32];
        for (int i = 0; i < rising.length; i++) {
            rising[i] = (byte) i;
        }
        check(0x46DD794E, rising);
        check(0, new byte[0]);
    }

    @Test
    void allThreeWaysAgreeAtAllSizes() {
        Random random = new Random(7);
        for (int length : new int[] {1, 7, 8, 9, 255, 4096, 8191, 8192, 8193, 16384, 100_001}) {
            byte[] bytes = new byte[length];
            random.nextBytes(bytes);
            check(Crc32c.of(bytes, 0, length), bytes);
        }
    }

    @Test
    void leavesPositionAndLimitAlone() {
        ByteBuffer buffer = ByteBuffer.allocateDirect(64);
        buffer.limit(40).position(3);
        Crc32c.of(buffer, 32, 32);
        assertEquals(3, buffer.position());
        assertEquals(40, buffer.limit());
    }

    private static void check(int expected, byte[] bytes) {
        ByteBuffer buffer = ByteBuffer.allocateDirect(bytes.length + 3);
        buffer.put(3, bytes);
        assertEquals(expected, Crc32c.of(bytes, 0, bytes.length), "array");
        assertEquals(expected, Crc32c.of(buffer, 3, bytes.length), "buffer");
        assertEquals(expected, Crc32c.of(BufferUtil.address(buffer) + 3, bytes.length), "address");
        assertEquals(bytes.length + 3, buffer.capacity());
    }
}
