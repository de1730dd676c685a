package io.millrace.recovery;

import io.millrace.error.LimitExceededException;
import io.millrace.txn.LoggedRecord;
import io.millrace.wal.LogCursor;
import io.millrace.wal.LogReader;
import io.millrace.wal.RecordKind;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.agrona.collections.Long2ObjectHashMap;

/**
 * Reads the durable log forward and hands over what transactions have committed, in the order of their commits; what was rolled back, as a whole
 * or to a savepoint, does not appear.
 *
 * <p>The changes of a transaction stand before its commit record, with those of others in between. They are collected as they are passed, within
 * a budget. What the budget does not allow, and what lies before the LSN that reading began with, is read again when the commit record comes:
 * each record of a transaction names the one before, and a compensation record the one to undo next, so that the chain from the commit record
 * backwards is exactly what was not undone.
 *
 * <p>Engine threads only, one at a time.
 */
public final class CommitReader<T> implements AutoCloseable {
    private static final long RECORD_BYTES = 64;
    private static final long NO_RECORD = 0;

    private final LogReader log;
    private final LogCursor cursor;
    private final ChangeDecoder<T> decoder;
    private final long budgetBytes;
    private final long maxCommitBytes;
    private final Long2ObjectHashMap<OpenChanges<T>> open = new Long2ObjectHashMap<>();
    private final LoggedRecord logged = new LoggedRecord();
    private final LoggedRecord former = new LoggedRecord();
    private CommitConsumer<T> consumer;
    private long openBytes;
    private long previousLsn;

    /**
     * Begins at {@code fromLsn}: what is committed there or behind is handed over.
     *
     * @param log closed with this
     * @param budgetBytes memory for changes of transactions that have not ended
     * @param maxCommitBytes most that one transaction may have changed
     */
    public CommitReader(LogReader log, long fromLsn, ChangeDecoder<T> decoder, long budgetBytes, long maxCommitBytes) {
        this.log = log;
        this.decoder = decoder;
        this.budgetBytes = budgetBytes;
        this.maxCommitBytes = maxCommitBytes;
        cursor = log.from(fromLsn);
    }

    /** Everything committed below has been handed over. */
    public long nextLsn() {
        return cursor.nextLsn();
    }

    /** Of what was read, the log is still needed from here on. */
    public long neededLsn() {
        long needed = cursor.nextLsn();
        for (OpenChanges<T> changes : open.values()) {
            needed = Math.min(needed, changes.firstLsn());
        }
        return needed;
    }

    /**
     * Reads on by one block.
     *
     * @return false at the present end of the durable log
     * @throws io.millrace.error.LogPositionGoneException if what is needed was truncated
     * @throws LimitExceededException if a transaction has changed more than may be handed over at once
     */
    public boolean next(CommitConsumer<T> target) throws IOException {
        consumer = target;
        return cursor.next(this::record);
    }

    private void record(long lsn, long address, int length) {
        logged.wrap(lsn, address, length);
        if (logged.kind() == RecordKind.COMMIT) {
            committed();
        } else if (logged.kind() == RecordKind.ROLLBACK_END) {
            forget(open.remove(logged.transactionId()));
        } else if (logged.kind() == RecordKind.COMPENSATION) {
            undone();
        } else if (logged.undoable()) {
            changed();
        } else if (logged.commits()) {
            handOver(decode(logged));
        } else {
            decoder.pass(logged);
        }
    }

    private List<T> decode(LoggedRecord record) {
        List<T> changes = new ArrayList<>(1);
        decoder.decode(record, changes);
        return changes;
    }

    private long bytes(List<T> changes) {
        long bytes = 0;
        for (T change : changes) {
            bytes += decoder.bytes(change);
        }
        return bytes;
    }

    private void handOver(List<T> changes) {
        if (!changes.isEmpty()) {
            consumer.commit(logged.lsn(), changes);
        }
    }

    private OpenChanges<T> open() {
        OpenChanges<T> changes = open.get(logged.transactionId());
        if (changes == null) {
            changes = new OpenChanges<>(logged.lsn());
            open.put(logged.transactionId(), changes);
        }
        return changes;
    }

    private void changed() {
        List<T> changes = decode(logged);
        long bytes = RECORD_BYTES + bytes(changes);
        OpenChanges<T> mine = open();
        mine.add(logged.lsn(), logged.previousLsn(), changes, bytes);
        for (T change : changes) {
            mine.needs(decoder.neededLsn(change));
        }
        openBytes += bytes;
        if (openBytes > budgetBytes) {
            forgetLargest();
        }
    }

    private void undone() {
        openBytes -= open().undoBehind(logged.previousLsn());
    }

    private void forget(OpenChanges<T> changes) {
        if (changes != null) {
            openBytes -= changes.forget();
        }
    }

    /** Down to half the budget, so that it is not looked for after every record. */
    private void forgetLargest() {
        while (openBytes > budgetBytes / 2) {
            OpenChanges<T> largest = null;
            for (OpenChanges<T> changes : open.values()) {
                if (largest == null || changes.bytes() > largest.bytes()) {
                    largest = changes;
                }
            }
            forget(largest);
        }
    }

    private void committed() {
        OpenChanges<T> newest = open.remove(logged.transactionId());
        long last = newest == null ? logged.previousLsn() : newest.previousLsn(logged.previousLsn());
        List<T> changes = readBack(last, newest == null ? 0 : newest.bytes());
        if (newest != null) {
            newest.addTo(changes);
            forget(newest);
        }
        handOver(changes);
    }

    /** The changes from the record with this LSN back to the transaction's first, in the order in which they were made. */
    private List<T> readBack(long lastLsn, long alreadyBytes) {
        Deque<List<T>> pieces = new ArrayDeque<>();
        long bytes = alreadyBytes;
        for (previousLsn = lastLsn; previousLsn != NO_RECORD; ) {
            if (bytes > maxCommitBytes) {
                throw tooLarge(logged.lsn(), maxCommitBytes, bytes);
            }
            List<T> piece = new ArrayList<>(1);
            log.read(previousLsn, (lsn, address, length) -> {
                former.wrap(lsn, address, length);
                previousLsn = former.previousLsn();
                if (former.undoable()) {
                    decoder.decode(former, piece);
                }
            });
            bytes += bytes(piece);
            if (!piece.isEmpty()) {
                pieces.addFirst(piece);
            }
        }
        List<T> changes = new ArrayList<>(pieces.size());
        pieces.forEach(changes::addAll);
        return changes;
    }

    /** The error for a transaction that has changed more than may be handed over at once. */
    public static LimitExceededException tooLarge(long lsn, long limit, long bytes) {
        return new LimitExceededException(
                "bytes that the transaction committed at LSN " + lsn + " has changed (changes.max-commit-size)",
                limit,
                bytes);
    }

    /** Closes its files. */
    @Override
    public void close() throws IOException {
        try {
            cursor.close();
        } finally {
            log.close();
        }
    }
}
