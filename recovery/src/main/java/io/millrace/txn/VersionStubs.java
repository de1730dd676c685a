package io.millrace.txn;

import io.millrace.common.Memory;
import io.millrace.error.LimitExceededException;
import io.millrace.txn.VersionStore.Found;
import io.millrace.wal.Wal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.agrona.collections.LongArrayList;

/**
 * What stands for the versions that large transactions have overwritten, and that are not kept in memory: a {@link StubTable} for each of them, from
 * its first stub until every snapshot sees the transaction, or its rollback is complete. Meanwhile the log is held from there on. Stubs have a budget
 * of their own.
 *
 * <p>Any thread, as far as methods do not say otherwise.
 */
final class VersionStubs {
    private final long budget;
    private final AtomicLong used = new AtomicLong();
    private final AtomicReference<List<StubTable>> tables = new AtomicReference<>(List.of());
    // Of the purger.
    private final List<StubTable> dropped = new ArrayList<>();

    VersionStubs(long budgetBytes) {
        budget = budgetBytes;
    }

    /** Whether there are no large transactions that somebody may not see yet. */
    boolean isEmpty() {
        return tables.get().isEmpty();
    }

    /** Bytes in use. */
    long usedBytes() {
        return used.get();
    }

    /** A table for {@code transaction}, which holds the log from now on. */
    StubTable open(Transaction transaction, Wal wal) {
        StubTable table =
                new StubTable(transaction.id(), wal.hold("overwritten versions", Math.max(1, wal.claimedLsn()), 0));
        tables.updateAndGet(before -> {
            List<StubTable> after = new ArrayList<>(before);
            after.add(table);
            return List.copyOf(after);
        });
        return table;
    }

    /**
     * Makes room for one more stub. Called by the transaction's operation, with nothing held.
     *
     * @throws LimitExceededException if there is none
     */
    void makeRoom(StubTable table) {
        long bytes = table.missingBytes();
        if (bytes == 0) {
            return;
        }
        long now = used.addAndGet(bytes);
        if (now > budget) {
            used.addAndGet(-bytes);
            throw new LimitExceededException(
                    "stubs of overwritten versions in bytes (transaction.max-version-memory)", budget, now);
        }
        table.grow();
    }

    /** See {@link VersionStore#find}; called within an epoch, after nothing was found in memory. */
    Found find(long treeId, Workspace workspace, ReadView view) {
        List<StubTable> now = tables.get();
        if (now.isEmpty()) {
            return Found.ABSENT;
        }
        long[] stubs = stubsOf(hash(treeId, workspace.keyAddress, workspace.keyLength), now, view);
        if (stubs.length == 0) {
            return Found.ABSENT;
        }
        LogAnswer answer = workspace.logAnswer;
        if (answer == null || !answer.isAbout(treeId, workspace.keyAddress, workspace.keyLength, stubs[0])) {
            workspace.logRequest = new LogRequest.OfKey(treeId, workspace.keyAddress, workspace.keyLength, stubs);
            return Found.LOGGED;
        }
        LoggedVersion version = answer.seenBy(view, stubs);
        if (version == null) {
            return Found.ABSENT;
        }
        workspace.resultStamp = version.stamp();
        workspace.resultLength = version.value().length;
        Memory.copyFromArray(version.value(), 0, workspace.resultAddress, workspace.resultLength);
        return Found.VALUE;
    }

    /** LSNs of records in which transactions that the view does not see may have overwritten the key; the newest first. */
    private static long[] stubsOf(long hash, List<StubTable> tables, ReadView view) {
        LongArrayList found = new LongArrayList();
        for (StubTable table : tables) {
            if (!view.sees(table.transactionId())) {
                table.find(hash, found);
            }
        }
        long[] lsns = found.toLongArray();
        Arrays.sort(lsns);
        for (int low = 0, high = lsns.length - 1; low < high; low++, high--) {
            long newer = lsns[high];
            lsns[high] = lsns[low];
            lsns[low] = newer;
        }
        return lsns;
    }

    static long hash(long treeId, long key, int keyLength) {
        long hash = Memory.hash(key, keyLength) + treeId * 0x9E3779B97F4A7C15L;
        hash = (hash ^ hash >>> 33) * 0xFF51AFD7ED558CCDL;
        return hash ^ hash >>> 33;
    }

    /**
     * Takes out what nobody needs any more: tables of transactions that every snapshot sees, or that are rolled back. Purger only; freed by {@link
     * #freeDropped} once the readers have left the epoch.
     *
     * @return whether there was any
     */
    boolean drop(TransactionTable transactions, long lowWatermark) {
        for (StubTable table : tables.get()) {
            long state = transactions.resolve(table.transactionId());
            boolean seenByAll = state > 0 && state <= lowWatermark;
            if (seenByAll || state == TransactionTable.FORGOTTEN || state == TransactionTable.ABORTED) {
                tables.updateAndGet(before ->
                        before.stream().filter(other -> other != table).toList());
                dropped.add(table);
            }
        }
        return !dropped.isEmpty();
    }

    void freeDropped() {
        for (StubTable table : dropped) {
            table.releaseLog();
            used.addAndGet(-table.free());
        }
        dropped.clear();
    }

    /** Frees every table; nobody reads or writes any more, and the log is about to end, or is gone. */
    void freeAll() {
        dropped.addAll(tables.getAndSet(List.of()));
        dropped.forEach(table -> used.addAndGet(-table.free()));
        dropped.clear();
    }
}
