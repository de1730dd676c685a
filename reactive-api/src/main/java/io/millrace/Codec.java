package io.millrace;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * Turns values of one type into bytes and back. {@link Codecs} has those for usual types.
 *
 * <p>Must be thread-safe, and fast: it runs on the thread that subscribes or on a completion worker. What it throws becomes the error signal
 * of the operation, and changes nothing.
 *
 * @param <T> type of the values
 */
public interface Codec<T> {
    /**
     * Writes {@code value} from {@code offset} on.
     *
     * @param value never null
     * @param out grows as needed; valid during the call only
     * @param offset where to begin
     * @return the number of bytes written
     */
    int encode(T value, MutableDirectBuffer out, int offset);

    /**
     * Reads a value.
     *
     * @param in the bytes, not to be changed; valid during the call only, so whatever is kept must be copied
     * @param offset where the value begins
     * @param length its length in bytes
     * @return the value, never null
     */
    T decode(DirectBuffer in, int offset, int length);

    /**
     * Whether the order of values is that of their bytes (unsigned, lexicographic). Keys are always ordered by their bytes; only if this is
     * true do ranges mean what they say.
     */
    boolean orderPreserving();
}
