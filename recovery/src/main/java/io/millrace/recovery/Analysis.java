package io.millrace.recovery;

import io.millrace.txn.LoggedRecord;
import io.millrace.wal.RecordKind;
import java.util.ArrayList;
import java.util.List;
import org.agrona.collections.Long2ObjectHashMap;

/**
 * First pass: who was running when the log ended. Reading begins at or before the first record of the oldest live transaction, so what a
 * transaction has in the log is all seen here and no table needs to be stored with the checkpoint.
 */
final class Analysis {
    /** A transaction without an end in the log. */
    static final class Loser {
        private final long id;
        private final long firstLsn;
        private long lastLsn;
        private long changes;

        Loser(long id, long firstLsn) {
            this.id = id;
            this.firstLsn = firstLsn;
        }

        long id() {
            return id;
        }

        long firstLsn() {
            return firstLsn;
        }

        long lastLsn() {
            return lastLsn;
        }
    }

    private final Long2ObjectHashMap<Loser> open = new Long2ObjectHashMap<>();
    private final long restartLsn;
    private long records;
    private long bytes;
    private long redoBytes;

    /** An analysis that also measures the log from {@code restartLsn} on. */
    Analysis(long restartLsn) {
        this.restartLsn = restartLsn;
    }

    /** Takes note of one record; in LSN order. */
    void record(LoggedRecord logged) {
        records++;
        bytes += logged.length();
        if (logged.lsn() >= restartLsn) {
            redoBytes += logged.length();
        }
        if (!logged.transactional()) {
            return;
        }
        if (logged.kind() == RecordKind.COMMIT || logged.kind() == RecordKind.ROLLBACK_END) {
            open.remove(logged.transactionId());
        } else {
            change(logged);
        }
    }

    private void change(LoggedRecord logged) {
        Loser loser = open.get(logged.transactionId());
        if (loser == null) {
            loser = new Loser(logged.transactionId(), logged.lsn());
            open.put(loser.id, loser);
        }
        loser.lastLsn = logged.lsn();
        if (logged.undoable()) {
            loser.changes++;
        } else if (logged.kind() == RecordKind.COMPENSATION) {
            loser.changes--;
        }
    }

    /** Transactions that must be undone. */
    List<Loser> losers() {
        return new ArrayList<>(open.values());
    }

    /** Changes of the losers that have not been undone yet. */
    long changesToUndo() {
        long changes = 0;
        for (Loser loser : open.values()) {
            changes += loser.changes;
        }
        return changes;
    }

    /** Bytes of the records from the restart LSN on. */
    long redoBytes() {
        return redoBytes;
    }

    /** Bytes of all records read. */
    long bytes() {
        return bytes;
    }

    /** Records read. */
    long records() {
        return records;
    }
}
