package io.millrace.txn;

/** Where the body of one page change is written, front to back; exactly as many bytes as announced. Little-endian. */
public interface ChangeWriter {
    /** Writes one byte. */
    ChangeWriter putByte(int value);

    /** Writes two bytes. */
    ChangeWriter putShort(int value);

    /** Writes four bytes. */
    ChangeWriter putInt(int value);

    /** Writes eight bytes. */
    ChangeWriter putLong(long value);

    /** Writes a non-negative number, seven bits a byte, low bits first; {@link StopBits#length} bytes. */
    ChangeWriter putStopBit(long value);

    /** Copies {@code length} bytes from raw memory. */
    ChangeWriter putBytes(long address, int length);
}
