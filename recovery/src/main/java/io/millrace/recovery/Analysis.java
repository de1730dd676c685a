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
    private long records;

    /** Takes note of one record; in LSN order. */
    void record(LoggedRecord logged) {
        records++;
        if (!logged.transactional()) {
            return;
        }
        if (logged.kind() == RecordKind.COMMIT || logged.kind() == RecordKind.ROLLBACK_END) {
            open.remove(logged.transactionId());
        } else {
            open.computeIfAbsent(logged.transactionId(), id -> new Loser(id, logged.lsn())).lastLsn = logged.lsn();
        }
    }

    /** Transactions that must be undone. */
    List<Loser> losers() {
        return new ArrayList<>(open.values());
    }

    /** Records read. */
    long records() {
        return records;
    }
}
