package io.millrace.btree;

import java.util.List;
import java.util.PriorityQueue;

/** Several runs as one. Of entries with one key that of the last run stays. */
final class MergedRuns implements SortedRun {
    /** A run that has an entry. */
    private static final class Head implements Comparable<Head> {
        private final SortedRun run;
        private final int number;
        private long entry;
        private long key;

        Head(SortedRun run, int number) {
            this.run = run;
            this.number = number;
        }

        boolean moveOn() {
            entry = run.next();
            key = entry == 0 ? 0 : EntryOrder.head(entry);
            return entry != 0;
        }

        @Override
        public int compareTo(Head other) {
            int order = Long.compareUnsigned(key, other.key);
            if (order == 0) {
                order = EntryOrder.compare(entry, other.entry);
            }
            return order != 0 ? order : Integer.compare(number, other.number);
        }
    }

    private final PriorityQueue<Head> heads = new PriorityQueue<>();
    private final EntrySorter.DroppedEntry dropped;
    private Head current;

    MergedRuns(List<SortedRun> runs, EntrySorter.DroppedEntry dropped) {
        this.dropped = dropped;
        for (int i = 0; i < runs.size(); i++) {
            putBack(new Head(runs.get(i), i));
        }
    }

    private void putBack(Head head) {
        if (head.moveOn()) {
            heads.add(head);
        }
    }

    @Override
    public long next() {
        if (current != null) {
            putBack(current);
        }
        current = heads.poll();
        while (current != null && !heads.isEmpty() && EntryOrder.compare(current.entry, heads.peek().entry) == 0) {
            dropped.dropped(current.entry);
            putBack(current);
            current = heads.poll();
        }
        return current == null ? 0 : current.entry;
    }
}
