package io.millrace;

import java.util.Objects;
import java.util.function.Supplier;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.bytes.BytesMarshallable;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/** Objects that write and read themselves through Chronicle Bytes, by way of a buffer of the thread's own. */
final class MarshallableCodec<T extends BytesMarshallable> implements Codec<T> {
    private static final int INITIAL_CAPACITY = 256;
    private static final ThreadLocal<Bytes<byte[]>> BUFFER =
            ThreadLocal.withInitial(() -> Bytes.allocateElasticOnHeap(INITIAL_CAPACITY));

    private final Supplier<? extends T> factory;

    MarshallableCodec(Supplier<? extends T> factory) {
        this.factory = Objects.requireNonNull(factory, "factory");
    }

    @Override
    public int encode(T value, MutableDirectBuffer out, int offset) {
        Bytes<byte[]> buffer = BUFFER.get();
        buffer.clear();
        value.writeMarshallable(buffer);
        byte[] bytes = buffer.toByteArray();
        out.putBytes(offset, bytes);
        return bytes.length;
    }

    @Override
    public T decode(DirectBuffer in, int offset, int length) {
        byte[] bytes = new byte[length];
        in.getBytes(offset, bytes);
        Bytes<byte[]> buffer = BUFFER.get();
        buffer.clear();
        buffer.write(bytes);
        T value = factory.get();
        value.readMarshallable(buffer);
        return value;
    }

    @Override
    public boolean orderPreserving() {
        return false;
    }
}
