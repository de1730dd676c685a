package io.millrace.txn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.error.LimitExceededException;
import org.junit.jupiter.api.Test;

/** The memory of codecs: grows with what is written, stops at the limit, gives back what was large. */
class EncodingBufferTest {
    @Test
    void growsAndKeepsWhatWasWritten() {
        EncodingBuffer buffer = new EncodingBuffer();
        buffer.limit("value", 1 << 20);
        for (int i = 0; i < 10_000; i++) {
            buffer.putInt(i * Integer.BYTES, i);
        }
        for (int i = 0; i < 10_000; i++) {
            assertEquals(i, buffer.getInt(i * Integer.BYTES));
        }
        assertThrows(IndexOutOfBoundsException.class, () -> buffer.putByte(-1, (byte) 1));
    }

    @Test
    void whatIsFarTooLongIsStoppedBeforeItIsThere() {
        EncodingBuffer buffer = new EncodingBuffer();
        buffer.limit("value", 1000);
        buffer.putByte(999, (byte) 1);
        buffer.putByte(1000 + EncodingBuffer.SLACK_BYTES - 1, (byte) 1);
        int last = 1000 + EncodingBuffer.SLACK_BYTES;
        LimitExceededException error = assertThrows(LimitExceededException.class, () -> buffer.putByte(last, (byte) 1));
        assertEquals(1000, error.limit());
        assertEquals(last + 1, error.actual());
        assertEquals("value", error.name());
        assertThrows(LimitExceededException.class, () -> buffer.putBytes(0, new byte[5_000_000]));
        assertThrows(LimitExceededException.class, () -> buffer.checkLimit(5_000_000));
        assertTrue(buffer.capacity() <= last, "capacity " + buffer.capacity());
    }

    @Test
    void aLargeBufferIsGivenBackASmallOneIsKept() {
        EncodingBuffer buffer = new EncodingBuffer();
        buffer.putBytes(0, new byte[10_000]);
        int kept = buffer.capacity();
        buffer.trim();
        assertEquals(kept, buffer.capacity());
        buffer.putBytes(0, new byte[1_000_000]);
        buffer.trim();
        assertTrue(buffer.capacity() <= EncodingBuffer.KEPT_BYTES, "capacity " + buffer.capacity());
    }
}
