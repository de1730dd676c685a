package io.millrace;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class RangeTest {
    @Test
    void printsLikeIntervals() {
        assertEquals("(..)", Range.all().toString());
        assertEquals("[1..5]", Range.closed(1, 5).toString());
        assertEquals("[1..5)", Range.closedOpen(1, 5).toString());
        assertEquals("(1..5]", Range.openClosed(1, 5).toString());
        assertEquals("(1..5)", Range.open(1, 5).toString());
        assertEquals("[1..)", Range.from(1).toString());
        assertEquals("(1..)", Range.after(1).toString());
        assertEquals("(..1]", Range.to(1).toString());
        assertEquals(
                "(..1) reversed limit 3", Range.before(1).reversed().limit(3).toString());
        assertEquals("prefix ab", Range.prefix("ab").toString());
    }

    @Test
    void reversedTwiceIsTheSame() {
        Range<Integer> range = Range.closed(1, 5).limit(2);
        assertEquals(range, range.reversed().reversed());
        assertEquals(range.hashCode(), range.reversed().reversed().hashCode());
        assertTrue(range.reversed().isReversed());
    }

    @Test
    void smallerLimitCounts() {
        assertEquals(2, Range.all().limit(2).limit(5).limit());
        assertEquals(0, Range.all().limit(0).limit());
    }

    @Test
    void flawsAreKeptForTheSignal() {
        assertNull(Range.closed(5, 4).flaw());
        assertInstanceOf(NullPointerException.class, Range.closed(null, 4).flaw());
        assertInstanceOf(NullPointerException.class, Range.prefix(null).flaw());
        assertInstanceOf(IllegalArgumentException.class, Range.all().limit(-1).flaw());
    }

    @Test
    void prefixEndsBehindItsLastKey() {
        assertArrayEquals(new byte[] {1, 3}, RangeCursor.behindPrefix(new byte[] {1, 2}));
        assertArrayEquals(new byte[] {2}, RangeCursor.behindPrefix(new byte[] {1, -1, -1}));
        assertArrayEquals(new byte[] {(byte) 0x80}, RangeCursor.behindPrefix(new byte[] {0x7F}));
        assertNull(RangeCursor.behindPrefix(new byte[] {-1, -1}));
        assertNull(RangeCursor.behindPrefix(new byte[0]));
    }
}
