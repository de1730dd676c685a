package io.millrace;

import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.UUID;
import java.util.function.Supplier;
import net.openhft.chronicle.bytes.BytesMarshallable;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/** Codecs for usual types, for keys and values alike. All but {@link #marshallable} preserve the order their description names. */
public final class Codecs {
    private Codecs() {}

    /** Byte arrays as they are, in unsigned lexicographic order. Decoded arrays are the caller's own. */
    public static Codec<byte[]> bytes() {
        return ByteArrays.INSTANCE;
    }

    /**
     * Strings as UTF-8, in the order of code points (which differs from {@link String#compareTo} only for characters outside the basic plane).
     * A string with an unpaired surrogate has no UTF-8 and is an {@link IllegalArgumentException}.
     */
    public static Codec<String> utf8() {
        return Utf8.INSTANCE;
    }

    /** Integers of 4 bytes, in numeric order. */
    public static Codec<Integer> int32() {
        return Int32.INSTANCE;
    }

    /** Integers of 8 bytes, in numeric order. */
    public static Codec<Long> int64() {
        return Int64.INSTANCE;
    }

    /**
     * Floating-point numbers of 8 bytes, in the order of {@link Double#compare}: -0.0 before 0.0, NaN last.
     */
    public static Codec<Double> float64() {
        return Float64.INSTANCE;
    }

    /** False before true, 1 byte. */
    public static Codec<Boolean> bool() {
        return Bool.INSTANCE;
    }

    /** 16 bytes, in the order of the printed form (unsigned; {@link UUID#compareTo} compares signed). */
    public static Codec<UUID> uuid() {
        return Uuids.INSTANCE;
    }

    /** Moments with their nanoseconds, 12 bytes, in order of time. */
    public static Codec<Instant> instant() {
        return Instants.INSTANCE;
    }

    /**
     * Objects that write and read themselves through Chronicle Bytes. Not order-preserving: for values.
     *
     * @param factory makes an empty object to read into
     * @param <T> type of the objects
     */
    public static <T extends BytesMarshallable> Codec<T> marshallable(Supplier<? extends T> factory) {
        return new MarshallableCodec<>(factory);
    }

    private static void checkLength(String type, int expected, int actual) {
        if (actual != expected) {
            throw new IllegalArgumentException(
                    "these are not the bytes of a " + type + ": " + expected + " bytes expected, " + actual + " found");
        }
    }

    private enum ByteArrays implements Codec<byte[]> {
        INSTANCE;

        @Override
        public int encode(byte[] value, MutableDirectBuffer out, int offset) {
            out.putBytes(offset, value);
            return value.length;
        }

        @Override
        public byte[] decode(DirectBuffer in, int offset, int length) {
            byte[] value = new byte[length];
            in.getBytes(offset, value);
            return value;
        }

        @Override
        public boolean orderPreserving() {
            return true;
        }
    }

    private enum Utf8 implements Codec<String> {
        INSTANCE;

        @Override
        public int encode(String value, MutableDirectBuffer out, int offset) {
            byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
            // An unpaired surrogate becomes '?', one byte: only then the string differs from its own bytes.
            if (hasUnpairedSurrogate(value)) {
                throw new IllegalArgumentException(
                        "the string has an unpaired surrogate: it can't be written as UTF-8");
            }
            out.putBytes(offset, bytes);
            return bytes.length;
        }

        private static boolean hasUnpairedSurrogate(String value) {
            for (int i = 0; i < value.length(); i++) {
                char c = value.charAt(i);
                if (Character.isSurrogate(c)) {
                    boolean paired = Character.isHighSurrogate(c)
                            && i + 1 < value.length()
                            && Character.isLowSurrogate(value.charAt(i + 1));
                    if (!paired) {
                        return true;
                    }
                    i++;
                }
            }
            return false;
        }

        @Override
        public String decode(DirectBuffer in, int offset, int length) {
            byte[] bytes = new byte[length];
            in.getBytes(offset, bytes);
            return new String(bytes, StandardCharsets.UTF_8);
        }

        @Override
        public boolean orderPreserving() {
            return true;
        }
    }

    private enum Int32 implements Codec<Integer> {
        INSTANCE;

        @Override
        public int encode(Integer value, MutableDirectBuffer out, int offset) {
            out.putInt(offset, value ^ Integer.MIN_VALUE, ByteOrder.BIG_ENDIAN);
            return Integer.BYTES;
        }

        @Override
        public Integer decode(DirectBuffer in, int offset, int length) {
            checkLength("int32", Integer.BYTES, length);
            return in.getInt(offset, ByteOrder.BIG_ENDIAN) ^ Integer.MIN_VALUE;
        }

        @Override
        public boolean orderPreserving() {
            return true;
        }
    }

    private enum Int64 implements Codec<Long> {
        INSTANCE;

        @Override
        public int encode(Long value, MutableDirectBuffer out, int offset) {
            out.putLong(offset, value ^ Long.MIN_VALUE, ByteOrder.BIG_ENDIAN);
            return Long.BYTES;
        }

        @Override
        public Long decode(DirectBuffer in, int offset, int length) {
            checkLength("int64", Long.BYTES, length);
            return in.getLong(offset, ByteOrder.BIG_ENDIAN) ^ Long.MIN_VALUE;
        }

        @Override
        public boolean orderPreserving() {
            return true;
        }
    }

    private enum Float64 implements Codec<Double> {
        INSTANCE;

        @Override
        public int encode(Double value, MutableDirectBuffer out, int offset) {
            long bits = Double.doubleToLongBits(value);
            // Negative numbers grow with their magnitude: turn all their bits round, of the others the sign only.
            out.putLong(offset, bits < 0 ? ~bits : bits ^ Long.MIN_VALUE, ByteOrder.BIG_ENDIAN);
            return Long.BYTES;
        }

        @Override
        public Double decode(DirectBuffer in, int offset, int length) {
            checkLength("float64", Long.BYTES, length);
            long bits = in.getLong(offset, ByteOrder.BIG_ENDIAN);
            return Double.longBitsToDouble(bits < 0 ? bits ^ Long.MIN_VALUE : ~bits);
        }

        @Override
        public boolean orderPreserving() {
            return true;
        }
    }

    private enum Bool implements Codec<Boolean> {
        INSTANCE;

        @Override
        public int encode(Boolean value, MutableDirectBuffer out, int offset) {
            out.putByte(offset, (byte) (value ? 1 : 0));
            return 1;
        }

        @Override
        public Boolean decode(DirectBuffer in, int offset, int length) {
            checkLength("bool", 1, length);
            return in.getByte(offset) != 0;
        }

        @Override
        public boolean orderPreserving() {
            return true;
        }
    }

    private enum Uuids implements Codec<UUID> {
        INSTANCE;

        private static final int LENGTH = 16;

        @Override
        public int encode(UUID value, MutableDirectBuffer out, int offset) {
            out.putLong(offset, value.getMostSignificantBits(), ByteOrder.BIG_ENDIAN);
            out.putLong(offset + Long.BYTES, value.getLeastSignificantBits(), ByteOrder.BIG_ENDIAN);
            return LENGTH;
        }

        @Override
        public UUID decode(DirectBuffer in, int offset, int length) {
            checkLength("uuid", LENGTH, length);
            return new UUID(
                    in.getLong(offset, ByteOrder.BIG_ENDIAN), in.getLong(offset + Long.BYTES, ByteOrder.BIG_ENDIAN));
        }

        @Override
        public boolean orderPreserving() {
            return true;
        }
    }

    private enum Instants implements Codec<Instant> {
        INSTANCE;

        private static final int LENGTH = Long.BYTES + Integer.BYTES;

        @Override
        public int encode(Instant value, MutableDirectBuffer out, int offset) {
            out.putLong(offset, value.getEpochSecond() ^ Long.MIN_VALUE, ByteOrder.BIG_ENDIAN);
            out.putInt(offset + Long.BYTES, value.getNano(), ByteOrder.BIG_ENDIAN);
            return LENGTH;
        }

        @Override
        public Instant decode(DirectBuffer in, int offset, int length) {
            checkLength("instant", LENGTH, length);
            return Instant.ofEpochSecond(
                    in.getLong(offset, ByteOrder.BIG_ENDIAN) ^ Long.MIN_VALUE,
                    in.getInt(offset + Long.BYTES, ByteOrder.BIG_ENDIAN));
        }

        @Override
        public boolean orderPreserving() {
            return true;
        }
    }
}
