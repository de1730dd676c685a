package io.millrace.txn;

import io.millrace.error.LimitExceededException;
import io.millrace.error.StoreOverloadedException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.agrona.AbstractMutableDirectBuffer;
import org.agrona.DirectBuffer;
import org.agrona.UnsafeApi;

/**
 * Where codecs write before their bytes are measured: grows as they write, up to a limit set for each use, so that nothing that is too long is
 * ever there as a whole; {@link #trim} gives back what a large one has taken. One thread at a time.
 */
public final class EncodingBuffer extends AbstractMutableDirectBuffer {
    /** What a buffer may keep between uses, in bytes. */
    public static final int KEPT_BYTES = 64 << 10;

    /** Codecs may write a little more than they say in the end. */
    static final int SLACK_BYTES = 64;

    private static final int INITIAL_BYTES = 512;

    private String what = "";
    private int limit = Integer.MAX_VALUE;
    private boolean exceeded;

    /** A small buffer without a limit. */
    public EncodingBuffer() {
        replace(new byte[INITIAL_BYTES]);
    }

    /**
     * From now on a write that ends more than {@value #SLACK_BYTES} bytes behind {@code bytes} is a {@link LimitExceededException}; within those
     * it is for who has measured the result to refuse it.
     *
     * @param name what the error says is limited
     */
    public void limit(String name, int bytes) {
        what = name;
        limit = bytes;
        exceeded = false;
    }

    /** Whether something has been refused since the limit was set. */
    public boolean exceeded() {
        return exceeded;
    }

    /** Hands over the array with what was written, which may be longer than that, and begins anew with a small one. */
    public byte[] detach() {
        byte[] bytes = byteArray;
        replace(new byte[INITIAL_BYTES]);
        return bytes;
    }

    /** Gives back what exceeds the memory that is kept between uses; the content is lost then. */
    public void trim() {
        if (capacity > KEPT_BYTES) {
            replace(new byte[INITIAL_BYTES]);
        }
    }

    private void replace(byte[] bytes) {
        byteArray = bytes;
        capacity = bytes.length;
        addressOffset = UnsafeApi.arrayBaseOffset(byte[].class);
    }

    @Override
    protected void ensureCapacity(int index, int length) {
        if (index < 0 || length < 0) {
            throw new IndexOutOfBoundsException("index=" + index + " length=" + length);
        }
        long end = (long) index + length;
        if (end > (long) limit + SLACK_BYTES) {
            exceeded = true;
            throw new LimitExceededException(what, limit, end);
        }
        if (end > capacity) {
            long grown = Math.min(Math.max(end, capacity * 3L / 2), Math.max((long) limit + SLACK_BYTES, end));
            grow(Math.toIntExact(grown));
        }
    }

    private void grow(int bytes) {
        try {
            replace(Arrays.copyOf(byteArray, bytes));
        } catch (OutOfMemoryError full) {
            throw new StoreOverloadedException("heap for a value of " + bytes + " bytes");
        }
    }

    @Override
    public void checkLimit(int end) {
        ensureCapacity(0, end);
    }

    @Override
    public boolean isExpandable() {
        return true;
    }

    @Override
    public ByteBuffer byteBuffer() {
        return null;
    }

    @Override
    public int wrapAdjustment() {
        return 0;
    }

    @Override
    public void wrap(byte[] buffer) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void wrap(byte[] buffer, int offset, int length) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void wrap(ByteBuffer buffer) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void wrap(ByteBuffer buffer, int offset, int length) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void wrap(DirectBuffer buffer) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void wrap(DirectBuffer buffer, int offset, int length) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void wrap(long address, int length) {
        throw new UnsupportedOperationException();
    }
}
