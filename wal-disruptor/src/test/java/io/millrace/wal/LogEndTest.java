package io.millrace.wal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.common.Crc32c;
import io.millrace.error.CorruptLogException;
import io.millrace.error.IncompatibleFormatException;
import io.millrace.testkit.SimulatedDirectory;
import io.millrace.wal.TestLog.Events;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Where the log ends, and when that is damage (L10). */
final class LogEndTest {
    /** One record a block, so that the tests know what must be left. */
    private static LogImage log(int records, int length) throws IOException {
        SimulatedDirectory disk = TestLog.disk(4);
        try (Wal wal = TestLog.start(disk, new Events())) {
            for (int i = 0; i < records; i++) {
                TestLog.writeDurably(wal, i, length);
            }
        }
        return LogImage.of(disk).trimmed();
    }

    private static TreeMap<Long, Long> recovered(LogImage image, long durable) throws IOException {
        SimulatedDirectory disk = image.disk();
        TreeMap<Long, Long> records = new TreeMap<>();
        RecoveredLog log = TestLog.recover(disk, durable, records);
        assertEquals(log.endLsn(), records.isEmpty() ? 0 : records.lastKey());
        return records;
    }

    private static CorruptLogException damaged(LogImage image, long durable) throws IOException {
        SimulatedDirectory disk = image.disk();
        long changes = disk.changes();
        CorruptLogException damage =
                assertThrows(CorruptLogException.class, () -> TestLog.recover(disk, durable, new TreeMap<>()));
        assertEquals(changes, disk.changes(), "nothing is changed");
        assertTrue(image.isOn(disk));
        return damage;
    }

    @Test
    void anEmptyLogEndsAtItsBeginning() throws IOException {
        assertEquals(new TreeMap<>(), recovered(new LogImage(), 0));
        assertEquals(new TreeMap<>(), recovered(log(0, 100), 0));
    }

    @Test
    void aTailTornAtAnyByteIsTheEnd() throws IOException {
        LogImage whole = log(5, 150);
        List<Integer> blocks = whole.blocks(1);
        int last = blocks.get(4);
        int end = last + whole.length(1, last);
        for (int cut = last; cut < end; cut++) {
            LogImage torn = whole.copy();
            Arrays.fill(torn.segment(1), cut, end, (byte) 0);
            boolean stillWhole = Arrays.equals(torn.segment(1), whole.segment(1));
            assertEquals(stillWhole ? 5 : 4, recovered(torn, 0).size(), "cut at " + cut);
        }
    }

    @Test
    void aBitFlippedAnywhereInTheLastBlockIsTheEnd() throws IOException {
        LogImage whole = log(3, 100);
        int last = whole.blocks(1).get(2);
        for (int at = last; at < last + whole.length(1, last); at++) {
            LogImage flipped = whole.copy();
            flipped.segment(1)[at] ^= 0x10;
            assertEquals(2, recovered(flipped, 0).size(), "flipped at " + at);
        }
    }

    @Test
    void aBitFlippedBeforeALaterBlockIsDamage() throws IOException {
        LogImage whole = log(4, 100);
        int second = whole.blocks(1).get(1);
        for (int at = second; at < second + whole.length(1, second); at++) {
            LogImage flipped = whole.copy();
            flipped.segment(1)[at] ^= 0x01;
            CorruptLogException damage = damaged(flipped, 0);
            assertEquals(second, damage.position());
            assertEquals(2, damage.lsn());
            assertTrue(damage.file().endsWith(SegmentLayout.fileName(1)), damage.file());
        }
    }

    @Test
    void theFirstBlockOfAllMayBeTornOrDamagedLikeAnyOther() throws IOException {
        LogImage single = log(1, 100);
        single.segment(1)[SegmentLayout.FIRST_BLOCK + 90] ^= 1;
        assertEquals(0, recovered(single, 0).size());

        LogImage several = log(2, 100);
        several.segment(1)[SegmentLayout.FIRST_BLOCK + 90] ^= 1;
        damaged(several, 0);
    }

    @Test
    void aProofBeyondTheEndIsDamage() throws IOException {
        LogImage whole = log(4, 100);
        assertEquals(4, recovered(whole, 4).size());
        CorruptLogException damage = damaged(whole, 5);
        assertEquals(5, damage.lsn());
        assertTrue(damage.reason().contains("the test"), damage.reason());

        int last = whole.blocks(1).get(3);
        whole.segment(1)[last] ^= 1;
        assertEquals(3, recovered(whole, 3).size());
        assertEquals(last, damaged(whole, 4).position());
        damaged(new LogImage(), 1);
    }

    @Test
    void theLogOfAnotherStoreIsNotRead() throws IOException {
        SimulatedDirectory disk = log(3, 100).disk();
        TreeMap<Long, Long> records = new TreeMap<>();
        LogRecovery.findEnd(disk, TestLog.STORE + 1, 0, new LogProofs(0, ""), TestLog.collect(records));
        assertEquals(new TreeMap<>(), records);
    }

    @Test
    void aBlockOfAnotherPlaceIsNotTheContinuation() throws IOException {
        LogImage image = log(4, 100);
        List<Integer> blocks = image.blocks(1);
        int length = image.length(1, blocks.get(1));
        byte[] segment = image.segment(1);
        // What a misdirected or repeated write leaves: a valid block, elsewhere.
        System.arraycopy(segment, blocks.get(2), segment, blocks.get(3), length);
        assertEquals(3, recovered(image, 0).size());
    }

    @Test
    void anOldBlockStoredAsAValueIsIgnored() throws IOException {
        LogImage source = log(3, 100);
        int block = source.blocks(1).get(2);
        byte[] value = Arrays.copyOfRange(source.segment(1), block, block + source.length(1, block));
        SimulatedDirectory disk = TestLog.disk(5);
        try (Wal wal = TestLog.start(disk, new Events())) {
            TestLog.writeDurably(wal, 0, 100);
            RecordWriter writer = new RecordWriter(1_000);
            int length = TestLog.LEAST + value.length;
            writer.reset().putInt(length).putByte(1).putByte(0).putShort(0).putLong(77);
            for (byte each : value) {
                writer.putByte(each);
            }
            assertTrue(wal.tryAdmit(length, 0, Share.NORMAL));
            long lsn = wal.claim(length);
            wal.copy(lsn, length, writer.address());
            wal.publish(lsn, length);
            wal.wake(true);
            wal.awaitDurable(lsn);
        }
        LogImage image = LogImage.of(disk).trimmed();
        int carrier = image.blocks(1).get(1);
        image.segment(1)[carrier + 4] ^= 1;

        assertEquals(1, recovered(image, 0).size(), "torn, and what lies in it proves nothing");
    }

    @Test
    void staleBlocksOfARecycledSegmentAreIgnored() throws IOException {
        LogImage former = log(40, 3_000);
        LogImage image = log(3, 100);
        byte[] stale = former.segment(1);
        byte[] live = image.segment(1);
        byte[] recycled = stale.clone();
        int end = image.blocks(1).get(2) + image.length(1, image.blocks(1).get(2));
        System.arraycopy(live, 0, recycled, 0, end);
        // Under another number, as after a rename, the old blocks are nobody's.
        image.segment(2, stale);
        assertEquals(3, recovered(image, 0).size());
        assertFalse(image.blocks(2).isEmpty());
    }

    @Test
    void aSegmentThatChainsIsTheContinuationAndAMissingOneIsDamage() throws IOException {
        LogImage whole = log(60, 15_000);
        assertTrue(whole.segments() > 4
                && whole.segment(4) != null
                && !whole.blocks(3).isEmpty());
        assertEquals(60, recovered(whole, 0).size());

        LogImage hole = whole.copy();
        hole.remove(2);
        CorruptLogException damage = damaged(hole, 0);
        assertTrue(damage.file().endsWith(SegmentLayout.fileName(1)), damage.file());

        LogImage flipped = whole.copy();
        flipped.segment(2)[SegmentLayout.FIRST_BLOCK + 100] ^= 1;
        damaged(flipped, 0);

        List<Integer> blocks = whole.blocks(1);
        LogImage tail = whole.copy();
        tail.segment(1)[blocks.get(blocks.size() - 1) + 100] ^= 1;
        damaged(tail, 0);
    }

    @Test
    void aLostFirstSegmentIsDamageWhenSomethingWasDurable() throws IOException {
        LogImage whole = log(60, 15_000);
        whole.remove(1);
        damaged(whole, 0);
    }

    @Test
    void aSegmentOfAnotherVersionIsNotTakenForDamage() throws IOException {
        LogImage image = log(1, 100);
        image.view(1).putInt(SegmentLayout.VERSION, 2);
        image.view(1).putInt(SegmentLayout.CHECKSUM, Crc32c.of(image.segment(1), 0, SegmentLayout.CHECKSUM));
        SimulatedDirectory disk = image.disk();
        assertThrows(IncompatibleFormatException.class, () -> TestLog.recover(disk, new TreeMap<>()));
    }

    @Test
    void aDamagedSegmentHeaderIsDamageAndATornOneIsMended() throws IOException {
        LogImage one = log(1, 100);
        byte[] whole = one.segment(1).clone();
        one.segment(1)[SegmentLayout.NUMBER] ^= 1;
        SimulatedDirectory torn = one.disk();
        LogRecovery.seal(TestLog.recover(torn, new TreeMap<>()), 2);
        assertArrayEquals(whole, LogImage.of(torn).segment(1));

        LogImage two = log(2, 100);
        two.segment(1)[SegmentLayout.NUMBER] ^= 1;
        assertEquals(0, damaged(two, 0).position());
    }

    @Test
    void aLogThatEndsBeforeTheLsnToReadFromIsDamaged() throws IOException {
        SimulatedDirectory disk = log(1, 100).disk();
        assertThrows(
                CorruptLogException.class,
                () -> LogRecovery.findEnd(
                        disk, TestLog.STORE, 2, new LogProofs(0, ""), TestLog.collect(new TreeMap<>())));
    }
}
