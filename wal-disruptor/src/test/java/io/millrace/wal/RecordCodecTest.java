package io.millrace.wal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.millrace.common.Memory;
import io.millrace.error.CorruptLogException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is written into a record comes out again, and never more. */
final class RecordCodecTest {
    private static final List<Long> NUMBERS =
            List.of(0L, 1L, 127L, 128L, 16_383L, 16_384L, 1L << 31, 1L << 62, Long.MAX_VALUE);

    private final RecordWriter writer = new RecordWriter(512);
    private final RecordReader reader = new RecordReader();

    private RecordWriter begin() {
        return writer.reset().putLong(0);
    }

    private RecordReader wrapped() {
        writer.patchInt(RecordLayout.LENGTH, writer.position());
        writer.patchByte(RecordLayout.KIND, RecordKind.COMPENSATION.code());
        writer.patchByte(RecordLayout.FLAGS, RecordLayout.FLAG_TRANSACTIONAL);
        writer.patchShort(RecordLayout.CHANGE_COUNT, 65_000);
        return reader.wrap(42, writer.address(), writer.position());
    }

    @Test
    void everyTypeComesBack() {
        long bytes = Memory.allocate(5);
        for (int i = 0; i < 5; i++) {
            Memory.putByte(bytes + i, (byte) (i + 1));
        }
        begin().putByte(200).putShort(60_000).putInt(-5).putLong(Long.MIN_VALUE).putBytes(bytes, 5);
        Memory.free(bytes);
        NUMBERS.forEach(writer::putStopBit);
        wrapped();

        assertEquals(42, reader.lsn());
        assertEquals(RecordKind.COMPENSATION, reader.kind());
        assertEquals(RecordLayout.FLAG_TRANSACTIONAL, reader.flags());
        assertEquals(65_000, reader.changeCount());
        assertEquals(200, reader.getByte());
        assertEquals(60_000, reader.getShort());
        assertEquals(-5, reader.getInt());
        assertEquals(Long.MIN_VALUE, reader.getLong());
        long at = reader.getBytes(5);
        assertEquals(5, Memory.getByte(at + 4));
        NUMBERS.forEach(number -> assertEquals(number, reader.getStopBit()));
        assertEquals(0, reader.remaining());
        assertEquals(reader.length(), reader.position());
    }

    @Test
    void numbersAreSevenBitsAByteLowBitsFirst() {
        begin().putStopBit(300);

        assertEquals(RecordLayout.HEADER_LENGTH + 2, writer.position());
        assertEquals(0xAC, Memory.getUnsignedByte(writer.address() + RecordLayout.HEADER_LENGTH));
        assertEquals(0x02, Memory.getUnsignedByte(writer.address() + RecordLayout.HEADER_LENGTH + 1));
    }

    @Test
    void patchesOverwrite() {
        begin().putLong(0);
        writer.patchLong(RecordLayout.HEADER_LENGTH, 0x0102_0304_0506_0708L);

        assertEquals(0x0102_0304_0506_0708L, wrapped().getLong());
    }

    @Test
    void writerRefusesWhatDoesNotFit() {
        RecordWriter small = new RecordWriter(16);
        small.reset().putLong(1).putInt(2);

        assertThrows(IllegalStateException.class, () -> small.putLong(3));
        assertThrows(IllegalStateException.class, () -> small.putBytes(0, 5));
        assertEquals(16, small.putInt(3).position());
    }

    @Test
    void readerNeverGoesBehindTheRecord() {
        begin().putShort(1);

        assertThrows(CorruptLogException.class, () -> wrapped().getInt());
        assertThrows(CorruptLogException.class, () -> wrapped().getBytes(3));
        assertThrows(CorruptLogException.class, () -> wrapped().getBytes(-1));
        assertThrows(CorruptLogException.class, () -> reader.wrap(1, writer.address(), 7));
    }

    @Test
    void numbersWithoutEndAreDamage() {
        begin();
        for (int i = 0; i < 12; i++) {
            writer.putByte(0xFF);
        }

        assertThrows(CorruptLogException.class, () -> wrapped().getStopBit());
    }

    @Test
    void kindCodesAreOnDisk() {
        assertEquals(1, RecordKind.MINI_TRANSACTION.code());
        assertEquals(2, RecordKind.COMMIT.code());
        assertEquals(3, RecordKind.COMPENSATION.code());
        assertEquals(4, RecordKind.ROLLBACK_END.code());
        assertEquals(5, RecordKind.VOID.code());
        for (RecordKind kind : RecordKind.values()) {
            assertEquals(kind, RecordKind.of(kind.code()));
        }
        assertNull(RecordKind.of(0));
        assertNull(RecordKind.of(6));
    }
}
