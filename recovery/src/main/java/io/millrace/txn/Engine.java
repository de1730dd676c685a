package io.millrace.txn;

import io.millrace.buffer.BufferPool;
import io.millrace.common.EngineThreads;
import io.millrace.wal.Wal;

/**
 * The rooms of one open store, as those who work on pages and transactions need them.
 *
 * @param pool page frames
 * @param wal the log
 * @param transactions what became of each transaction id
 * @param snapshots open snapshots and what they pin
 * @param versions overwritten versions
 * @param pages free space of the data file
 * @param workers threads on which everything goes on that had to wait
 * @param threads the door to threads
 */
public record Engine(
        BufferPool pool,
        Wal wal,
        TransactionTable transactions,
        SnapshotRegistry snapshots,
        VersionStore versions,
        PageAllocator pages,
        Workers workers,
        EngineThreads threads) {
    /** What callers may be told rests on this; for those who do not know the log. */
    public long visibleLsn() {
        return wal.visibleLsn();
    }
}
