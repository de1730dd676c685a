package io.millrace.wal;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Which segments hold the log, and where in them some of the blocks begin: enough to find any LSN after reading a small part of one segment.
 * Bounded: at most 256 positions per segment.
 *
 * <p>Any thread may look. One thread begins segments and notes blocks (the log thread, or recovery before there is one); another may drop
 * segments at the old end. Of segments of former runs readers note what they find.
 */
final class LogIndex {
    private static final int POSITIONS = 256;
    private static final int SMALLEST_DISTANCE = 16 << 10;

    private final AtomicReference<List<Entry>> entries = new AtomicReference<>(List.of());

    /** The log goes on in this segment. */
    void begin(long number, long firstLsn, long segmentSize) {
        add(new Entry(number, firstLsn, distance(segmentSize), false));
    }

    /** A segment of a former run, of which no more is known; readers {@linkplain #learn learn} where its blocks are. */
    void adopt(long number, long firstLsn, long segmentSize) {
        add(new Entry(number, firstLsn, distance(segmentSize), true));
    }

    private static int distance(long segmentSize) {
        return (int) Math.max(SMALLEST_DISTANCE, segmentSize / POSITIONS + 1);
    }

    private void add(Entry entry) {
        entries.updateAndGet(before -> {
            Entry[] after = before.toArray(new Entry[before.size() + 1]);
            after[before.size()] = entry;
            return List.of(after);
        });
    }

    /** A block of the segment begun last. */
    void note(long firstLsn, long position) {
        List<Entry> now = entries.get();
        now.get(now.size() - 1).note(firstLsn, (int) position);
    }

    /** A reader has passed a block of an adopted segment. Any thread. */
    void learn(long number, long firstLsn, long position) {
        Entry entry = segmentOf(firstLsn);
        if (entry != null && entry.number() == number) {
            entry.learn(firstLsn, (int) position);
        }
    }

    /** Drops the segments that hold nothing at or above {@code lsn}, but never the last; answers what was dropped, oldest first. */
    List<Entry> dropBefore(long lsn) {
        while (true) {
            List<Entry> before = entries.get();
            int keep = 0;
            while (keep + 1 < before.size() && before.get(keep + 1).firstLsn() <= lsn) {
                keep++;
            }
            if (keep == 0 || entries.compareAndSet(before, List.copyOf(before.subList(keep, before.size())))) {
                return before.subList(0, keep);
            }
        }
    }

    List<Entry> segments() {
        return entries.get();
    }

    /** First LSN of the oldest segment, 0 if there is none. */
    long oldestLsn() {
        List<Entry> now = entries.get();
        return now.isEmpty() ? 0 : now.get(0).firstLsn();
    }

    /** The segment that holds {@code lsn}, or would; null if it lies before all of them. */
    Entry segmentOf(long lsn) {
        List<Entry> now = entries.get();
        int low = 0;
        int high = now.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            if (now.get(middle).firstLsn() <= lsn) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return high < 0 ? null : now.get(high);
    }

    /** The segment that follows the one with this number, null if there is none. */
    Entry segmentAfter(long number) {
        for (Entry entry : entries.get()) {
            if (entry.number() > number) {
                return entry;
            }
        }
        return null;
    }

    /** Where a block begins that is not behind {@code lsn}, as near as is known; null if the log no longer holds it. */
    LogPosition positionOf(long lsn) {
        Entry entry = segmentOf(lsn);
        return entry == null ? null : entry.positionOf(lsn);
    }

    /** One segment. */
    static final class Entry {
        private final long number;
        private final int distance;
        /** Of readers that learn at once; null for the segments of this run, whose blocks one thread notes. */
        private final ReentrantLock learning;

        private final long[] lsns;
        private final int[] positions;
        /** Written by the one who notes, after the arrays; read before them. */
        private volatile int count = 1;

        private Entry(long number, long firstLsn, int distance, boolean adopted) {
            this.number = number;
            this.distance = distance;
            learning = adopted ? new ReentrantLock() : null;
            lsns = new long[POSITIONS];
            positions = new int[POSITIONS];
            lsns[0] = firstLsn;
            positions[0] = SegmentLayout.FIRST_BLOCK;
        }

        long number() {
            return number;
        }

        long firstLsn() {
            return lsns[0];
        }

        private void note(long firstLsn, int position) {
            int next = count;
            if (next < lsns.length && position - positions[next - 1] >= distance) {
                lsns[next] = firstLsn;
                positions[next] = position;
                count = next + 1;
            }
        }

        private void learn(long firstLsn, int position) {
            if (learning == null || position - positions[count - 1] < distance) {
                return;
            }
            learning.lock();
            try {
                note(firstLsn, position);
            } finally {
                learning.unlock();
            }
        }

        private LogPosition positionOf(long lsn) {
            int found = Arrays.binarySearch(lsns, 0, count, lsn);
            int at = found >= 0 ? found : -found - 2;
            return new LogPosition(number, positions[at], lsns[at]);
        }
    }
}
