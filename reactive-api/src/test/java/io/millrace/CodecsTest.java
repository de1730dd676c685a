package io.millrace;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Random;
import java.util.UUID;
import java.util.function.Function;
import net.openhft.chronicle.bytes.BytesIn;
import net.openhft.chronicle.bytes.BytesMarshallable;
import net.openhft.chronicle.bytes.BytesOut;
import org.agrona.ExpandableArrayBuffer;
import org.junit.jupiter.api.Test;

final class CodecsTest {
    private static final int ROUNDS = 20_000;

    private final long seed = new Random().nextLong();
    private final Random random = new Random(seed);

    @Test
    void int32KeepsValueAndOrder() {
        check(Codecs.int32(), r -> edge(r) ? Integer.MIN_VALUE + r.nextInt(2) : r.nextInt(), Comparator.naturalOrder());
    }

    @Test
    void int64KeepsValueAndOrder() {
        check(Codecs.int64(), r -> edge(r) ? r.nextInt(5) - 2L : r.nextLong(), Comparator.naturalOrder());
    }

    @Test
    void float64KeepsValueAndOrder() {
        double[] edges = {0.0, -0.0, Double.NaN, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, Double.MIN_VALUE};
        check(
                Codecs.float64(),
                r -> edge(r)
                        ? edges[r.nextInt(edges.length)]
                        : (r.nextDouble() - 0.5) * Math.pow(10, r.nextInt(600) - 300),
                Double::compare);
    }

    @Test
    void boolKeepsValueAndOrder() {
        check(Codecs.bool(), Random::nextBoolean, Comparator.naturalOrder());
    }

    @Test
    void uuidKeepsValueAndOrderOfItsText() {
        check(Codecs.uuid(), r -> new UUID(r.nextLong(), r.nextLong()), Comparator.comparing(UUID::toString));
    }

    @Test
    void instantKeepsValueAndOrder() {
        check(
                Codecs.instant(),
                r -> edge(r) ? Instant.MIN : Instant.ofEpochSecond(r.nextInt() * 1000L, r.nextInt(1_000_000_000)),
                Comparator.naturalOrder());
    }

    @Test
    void utf8KeepsValueAndOrderOfCodePoints() {
        check(
                Codecs.utf8(),
                CodecsTest::string,
                (a, b) ->
                        Arrays.compare(a.codePoints().toArray(), b.codePoints().toArray()));
    }

    @Test
    void bytesKeepValueAndOrder() {
        for (int i = 0; i < ROUNDS; i++) {
            byte[] value = new byte[random.nextInt(12)];
            random.nextBytes(value);
            assertArrayEquals(value, encode(Codecs.bytes(), value));
        }
        assertTrue(Codecs.bytes().orderPreserving());
    }

    @Test
    void loneSurrogateIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> encode(Codecs.utf8(), "a\uD800b"));
        assertThrows(IllegalArgumentException.class, () -> encode(Codecs.utf8(), "\uDC00"));
        assertEquals(4, encode(Codecs.utf8(), "\uD83D\uDE00").length);
    }

    @Test
    void foreignBytesAreRefused() {
        byte[] three = "abc".getBytes(StandardCharsets.UTF_8);
        ExpandableArrayBuffer in = new ExpandableArrayBuffer();
        in.putBytes(0, three);
        assertThrows(IllegalArgumentException.class, () -> Codecs.int64().decode(in, 0, three.length));
        assertThrows(IllegalArgumentException.class, () -> Codecs.uuid().decode(in, 0, three.length));
    }

    @Test
    void marshallableObjectsComeBack() {
        Codec<Account> codec = Codecs.marshallable(Account::new);
        Account account = new Account();
        account.owner = "Ada";
        account.cents = 12_345;
        ExpandableArrayBuffer buffer = new ExpandableArrayBuffer(8);
        int length = codec.encode(account, buffer, 3);
        Account copy = codec.decode(buffer, 3, length);
        assertEquals("Ada", copy.owner);
        assertEquals(12_345, copy.cents);
        assertFalse(codec.orderPreserving());
    }

    private static boolean edge(Random random) {
        return random.nextInt(10) == 0;
    }

    private static String string(Random random) {
        int[] bounds = {0x80, 0x800, 0xD800, 0x110000};
        StringBuilder text = new StringBuilder();
        for (int length = random.nextInt(6); length > 0; length--) {
            int codePoint = random.nextInt(bounds[random.nextInt(bounds.length)]);
            if (codePoint < Character.MIN_SURROGATE || codePoint > Character.MAX_SURROGATE) {
                text.appendCodePoint(codePoint);
            }
        }
        return text.toString();
    }

    private <T> void check(Codec<T> codec, Function<Random, T> values, Comparator<T> order) {
        T before = values.apply(random);
        for (int i = 0; i < ROUNDS; i++) {
            T value = values.apply(random);
            byte[] a = encode(codec, before);
            byte[] b = encode(codec, value);
            assertEquals(
                    Integer.signum(order.compare(before, value)),
                    Integer.signum(Arrays.compareUnsigned(a, b)),
                    () -> "seed " + seed + ": " + value);
            ExpandableArrayBuffer in = new ExpandableArrayBuffer();
            in.putBytes(5, b);
            assertEquals(value, codec.decode(in, 5, b.length), () -> "seed " + seed);
            before = value;
        }
        assertTrue(codec.orderPreserving());
    }

    private static <T> byte[] encode(Codec<T> codec, T value) {
        ExpandableArrayBuffer out = new ExpandableArrayBuffer(1);
        int length = codec.encode(value, out, 2);
        byte[] bytes = new byte[length];
        out.getBytes(2, bytes);
        return bytes;
    }

    /** A value type of a user's. */
    static final class Account implements BytesMarshallable {
        private String owner;
        private long cents;

        @Override
        @SuppressWarnings("rawtypes") // as the interface has it
        public void writeMarshallable(BytesOut bytes) {
            bytes.writeUtf8(owner);
            bytes.writeStopBit(cents);
        }

        @Override
        @SuppressWarnings("rawtypes") // as the interface has it
        public void readMarshallable(BytesIn bytes) {
            owner = bytes.readUtf8();
            cents = bytes.readStopBit();
        }
    }
}
