package io.millrace.wal;

import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Who waits for an LSN without a record of their own. Anybody may add, lock-free; only the log thread takes out. */
final class LsnWaiters {
    private record Entry(long lsn, CommitWaiter waiter) implements Comparable<Entry> {
        @Override
        public int compareTo(Entry other) {
            return Long.compare(lsn, other.lsn);
        }
    }

    private final Queue<Entry> arrived = new ConcurrentLinkedQueue<>();
    private final PriorityQueue<Entry> ordered = new PriorityQueue<>();

    void add(long lsn, CommitWaiter waiter) {
        arrived.add(new Entry(lsn, waiter));
    }

    boolean hasArrivals() {
        return !arrived.isEmpty();
    }

    /** The log thread only. */
    boolean isAnybodyWaiting() {
        return !ordered.isEmpty() || hasArrivals();
    }

    /** Moves those at or below {@code reached} to {@code batch}. */
    void take(long reached, CommitBatch batch) {
        for (Entry entry = arrived.poll(); entry != null; entry = arrived.poll()) {
            ordered.add(entry);
        }
        while (!ordered.isEmpty() && ordered.peek().lsn <= reached) {
            Entry entry = ordered.poll();
            batch.add(entry.lsn, entry.waiter);
        }
    }

    /** Moves those that came after the log thread had ended. Any thread. */
    void takeLate(CommitBatch batch) {
        for (Entry entry = arrived.poll(); entry != null; entry = arrived.poll()) {
            batch.add(entry.lsn, entry.waiter);
        }
    }
}
