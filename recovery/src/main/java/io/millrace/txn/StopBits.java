package io.millrace.txn;

import io.millrace.common.Memory;

/**
 * Reads numbers written by {@link ChangeWriter#putStopBit}: seven bits a byte, low bits first, the top bit says that another follows (what
 * Chronicle Bytes calls stop-bit encoding, for non-negative numbers).
 */
public final class StopBits {
    private StopBits() {}

    /** How many bytes {@code value} takes, 1 to 9. */
    public static int length(long value) {
        return value == 0 ? 1 : (70 - Long.numberOfLeadingZeros(value)) / 7;
    }

    /** The number at {@code address}; its encoded length is {@link #length} of the answer. */
    public static long read(long address) {
        long value = Memory.getByte(address);
        if (value >= 0) {
            return value;
        }
        value = 0;
        for (int shift = 0, at = 0; shift < 63; shift += 7, at++) {
            byte next = Memory.getByte(address + at);
            value |= (long) (next & 0x7F) << shift;
            if (next >= 0) {
                break;
            }
        }
        return value;
    }
}
