package io.millrace.recovery;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * What a transaction that has not ended yet has changed, as far as it was read and there is memory for it: its newest changes. Those before must
 * be read from the log.
 */
final class OpenChanges<T> {
    /** The changes of one record. */
    private record Piece<T>(long lsn, long previousLsn, List<T> changes, long bytes) {}

    private final Deque<Piece<T>> pieces = new ArrayDeque<>();
    private long firstLsn;
    private long bytes;

    /** @param firstLsn of its first record that was read */
    OpenChanges(long firstLsn) {
        this.firstLsn = firstLsn;
    }

    long firstLsn() {
        return firstLsn;
    }

    /** The log is needed from here on as well. */
    void needs(long lsn) {
        firstLsn = Math.min(firstLsn, lsn);
    }

    long bytes() {
        return bytes;
    }

    void add(long lsn, long previousLsn, List<T> changes, long itsBytes) {
        pieces.addLast(new Piece<>(lsn, previousLsn, changes, itsBytes));
        bytes += itsBytes;
    }

    /** Its changes behind {@code lsn} are undone; answers how much memory that frees. */
    long undoBehind(long lsn) {
        long before = bytes;
        while (!pieces.isEmpty() && pieces.getLast().lsn() > lsn) {
            bytes -= pieces.removeLast().bytes();
        }
        return before - bytes;
    }

    /** Forgets all, which is to be read from the log in the end; answers how much memory that frees. */
    long forget() {
        long freed = bytes;
        pieces.clear();
        bytes = 0;
        return freed;
    }

    /** LSN of the record before those that are here; {@code last} if none is. */
    long previousLsn(long last) {
        return pieces.isEmpty() ? last : pieces.getFirst().previousLsn();
    }

    void addTo(List<T> changes) {
        for (Piece<T> piece : pieces) {
            changes.addAll(piece.changes());
        }
    }
}
