package io.millrace.btree;

import io.millrace.common.Memory;
import java.util.Arrays;

/**
 * Where a scan stands: its bounds, its direction, and the key to go on from, in own memory. Survives splits, purges and evictions between
 * steps because it names a key, not a place. One thread at a time.
 */
public final class ScanCursor {
    private static final byte[] NONE = new byte[0];

    private final boolean reverse;
    private final byte[] start;
    private final boolean startInclusive;
    private final byte[] end;
    private final boolean endInclusive;
    private byte[] position;
    private int positionLength;
    private boolean positionInclusive;
    private boolean bounded;
    private boolean exhausted;
    private long entries;

    /**
     * A cursor before the first entry of its range.
     *
     * @param lower lower bound, null for none
     * @param upper upper bound, null for none
     * @param reverse whether to go from the upper bound to the lower
     */
    public ScanCursor(byte[] lower, boolean lowerInclusive, byte[] upper, boolean upperInclusive, boolean reverse) {
        this.reverse = reverse;
        start = reverse ? upper : lower;
        startInclusive = reverse ? upperInclusive : lowerInclusive;
        end = reverse ? lower : upper;
        endInclusive = reverse ? lowerInclusive : upperInclusive;
        bounded = start != null;
        position = start == null ? NONE : start.clone();
        positionLength = position.length;
        positionInclusive = startInclusive;
        exhausted = lower != null && upper != null && isEmpty(lower, upper, lowerInclusive && upperInclusive);
    }

    private static boolean isEmpty(byte[] lower, byte[] upper, boolean bothInclusive) {
        int order = Arrays.compareUnsigned(lower, upper);
        return order > 0 || order == 0 && !bothInclusive;
    }

    /** A cursor over what this one has passed, from low keys to high ones. */
    public ScanCursor passed() {
        if (exhausted) {
            return reverse
                    ? new ScanCursor(end, endInclusive, start, startInclusive, false)
                    : new ScanCursor(start, startInclusive, end, endInclusive, false);
        }
        byte[] here = Arrays.copyOf(position, positionLength);
        ScanCursor passed = reverse
                ? new ScanCursor(here, !positionInclusive, start, startInclusive, false)
                : new ScanCursor(start, startInclusive, here, !positionInclusive, false);
        if (!bounded) {
            passed.exhaust();
        }
        return passed;
    }

    /** A cursor over the same range without its beginning; of one that goes forward. */
    ScanCursor lastPart() {
        return new ScanCursor(null, false, end, endInclusive, false);
    }

    /** Whether there is nothing more to come. */
    public boolean exhausted() {
        return exhausted;
    }

    /** Whether the scan goes from high keys to low ones. */
    public boolean reverse() {
        return reverse;
    }

    /** Entries delivered, or counted, so far. */
    public long entries() {
        return entries;
    }

    void delivered() {
        entries++;
    }

    /** There is nothing more to come: the tree does not exist, say. */
    public void exhaust() {
        exhausted = true;
    }

    /** Whether there is a key to start from; if not, the scan starts at the edge of the tree. */
    boolean bounded() {
        return bounded;
    }

    boolean positionInclusive() {
        return positionInclusive;
    }

    int copyPosition(long target) {
        Memory.copyFromArray(position, 0, target, positionLength);
        return positionLength;
    }

    /** Goes on from this key. */
    void moveTo(long key, int keyLength, boolean inclusive) {
        if (position.length < keyLength) {
            position = new byte[Math.max(keyLength, 2 * position.length)];
        }
        Memory.copyToArray(key, position, 0, keyLength);
        positionLength = keyLength;
        positionInclusive = inclusive;
        bounded = true;
    }

    boolean hasEnd() {
        return end != null;
    }

    boolean endInclusive() {
        return endInclusive;
    }

    int copyEnd(long target) {
        Memory.copyFromArray(end, 0, target, end.length);
        return end.length;
    }
}
