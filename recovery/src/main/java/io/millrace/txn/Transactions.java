package io.millrace.txn;

import io.millrace.common.IndexStack;
import io.millrace.common.Memory;
import io.millrace.common.SerialExecutor;
import io.millrace.error.MillraceException;
import io.millrace.error.StoreOverloadedException;
import io.millrace.wal.CommitWaiter;
import io.millrace.wal.RecordKind;
import io.millrace.wal.RecordLayout;
import io.millrace.wal.Share;
import io.millrace.wal.Wal;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Begins and ends transactions, and knows the running ones. Lock-free, from any thread.
 *
 * <p>A transaction counts as running until its end is visible. A crash before its end is durable makes it a loser, and restart must find its first
 * record: a checkpoint that does not see it among the running ones has the log forced up to the visible LSN before it relies on that.
 */
public final class Transactions {
    private static final int RECORD_LENGTH = RecordLayout.HEADER_LENGTH + 2 * Long.BYTES;
    private static final int MAX_SKIPPED = 1024;

    private final Engine engine;
    private final Wal wal;
    private final TransactionTable table;
    private final AtomicReferenceArray<Transaction> running;
    private final IndexStack freeIndexes;
    private final AtomicLong counter = new AtomicLong();
    /** Puts edges into the wait-for graph and looks for circles, one after another. */
    private final SerialExecutor waitGraph = new SerialExecutor();

    private final long incarnation;

    /**
     * No transactions yet.
     *
     * @param incarnation of this open store: makes ids differ from those of former runs
     * @param maximum most transactions running at once
     */
    public Transactions(Engine engine, long incarnation, int maximum) {
        this.engine = engine;
        this.incarnation = incarnation;
        wal = engine.wal();
        table = engine.transactions();
        running = new AtomicReferenceArray<>(maximum);
        freeIndexes = IndexStack.full(maximum);
    }

    /** The rooms they work in. */
    public Engine engine() {
        return engine;
    }

    /**
     * Begins a transaction: its snapshot is the visible LSN of now.
     * @throws StoreOverloadedException if too many transactions or snapshots are open
     */
    public Transaction begin() {
        return begin(false);
    }

    /** Begins a transaction that works on the newest committed versions; no snapshot is kept for it. Throws as {@link #begin}. */
    public Transaction beginReadingCommitted() {
        return begin(true);
    }

    private Transaction begin(boolean readsCommitted) {
        int slot = engine.snapshots().register();
        int index = freeIndexes.pop();
        if (index == IndexStack.NONE) {
            engine.snapshots().release(slot);
            throw new StoreOverloadedException("running transactions (transaction.max-open=" + running.length() + ")");
        }
        long id = nextId(index);
        long lsn = engine.snapshots().lsn(slot);
        int kept = slot;
        if (readsCommitted) {
            engine.snapshots().release(slot);
            kept = Transaction.NO_SNAPSHOT;
        }
        Transaction transaction = new Transaction(id, index, lsn, kept, new ReadView(table).at(lsn, id, true));
        running.set(index, transaction);
        return transaction;
    }

    private long nextId(int index) {
        for (int skipped = 0; ; skipped++) {
            long id = Stamps.transaction(incarnation, counter.incrementAndGet());
            long holder = table.holder(id);
            long state = table.holderState(id, holder);
            boolean free = state == TransactionTable.FORGOTTEN
                    || state == TransactionTable.ABORTED
                    || state > 0 && state < engine.snapshots().lowWatermark();
            if (!free && state > 0 && skipped > MAX_SKIPPED && state <= wal.visibleLsn()) {
                // An old snapshot holds the whole table: it gives way.
                engine.versions().raiseMinReadable(state + 1);
                free = true;
            }
            if (free && table.enter(id, index, holder)) {
                return id;
            }
        }
    }

    /**
     * Publishes the commit record. The commit LSN is in the table before (D2); locks end here, the answer to the caller waits for durability.
     *
     * @param waiter told when the commit is visible, or, if {@code relaxed}, already when its record is written
     * @return DONE (the LSN in {@link Workspace#writtenLsn}, 0 if the transaction wrote nothing and {@code waiter} is not told), or LOG_FULL
     */
    public Step commit(Workspace workspace, Transaction transaction, CommitWaiter waiter, boolean relaxed) {
        if (transaction.lastLsn() == 0) {
            transaction.state(Transaction.State.COMMITTED);
            table.abort(transaction.id());
            release(transaction);
            transaction.ended();
            return Step.DONE;
        }
        if (!admit(workspace)) {
            return Step.LOG_FULL;
        }
        encode(workspace, RecordKind.COMMIT, transaction);
        long lsn = wal.claim(RECORD_LENGTH);
        try {
            table.commit(transaction.id(), lsn);
            transaction.state(Transaction.State.COMMITTED);
            publish(
                    workspace,
                    lsn,
                    relaxed ? new RelaxedEndWaiter(transaction, waiter) : new EndWaiter(transaction, waiter));
        } catch (Throwable failure) {
            wal.publishVoid(lsn, RECORD_LENGTH, failure);
            throw failure;
        }
        afterEnd(workspace, transaction, lsn);
        return Step.DONE;
    }

    /** Every change is undone: publishes the end of the rollback. DONE or LOG_FULL. */
    public Step finishRollback(Workspace workspace, Transaction transaction) {
        if (transaction.lastLsn() != 0) {
            if (!admit(workspace)) {
                return Step.LOG_FULL;
            }
            encode(workspace, RecordKind.ROLLBACK_END, transaction);
            long lsn = wal.claim(RECORD_LENGTH);
            try {
                publish(workspace, lsn, new EndWaiter(transaction, null));
            } catch (Throwable failure) {
                wal.publishVoid(lsn, RECORD_LENGTH, failure);
                throw failure;
            }
            workspace.writtenLsn = lsn;
        }
        // In this order: who finds an older version gone also finds that its overwriting was undone, and the id is not
        // forgotten (and so taken for
        // committed) while a node still carries it.
        table.aborting(transaction.id());
        engine.versions().neverOverwritten(transaction.undone());
        table.abort(transaction.id());
        transaction.state(Transaction.State.ROLLED_BACK);
        boolean wrote = transaction.lastLsn() != 0;
        wal.releaseUndo(transaction.undoReserve());
        releaseSnapshot(transaction);
        if (!wrote) {
            retire(transaction);
        }
        transaction.ended();
        wal.wake(true);
        return Step.DONE;
    }

    private boolean admit(Workspace workspace) {
        if (workspace.useGrant(wal, RECORD_LENGTH, 0) || wal.tryAdmit(RECORD_LENGTH, 0, Share.COMMIT)) {
            return true;
        }
        workspace.neededBytes = RECORD_LENGTH;
        workspace.neededUndoBytes = 0;
        workspace.neededShare = Share.COMMIT;
        return false;
    }

    private static void encode(Workspace workspace, RecordKind kind, Transaction transaction) {
        long record = workspace.pageBuffer;
        Memory.putInt(record + RecordLayout.LENGTH, RECORD_LENGTH);
        Memory.putByte(record + RecordLayout.KIND, (byte) kind.code());
        Memory.putByte(record + RecordLayout.FLAGS, (byte) RecordLayout.FLAG_TRANSACTIONAL);
        Memory.putShort(record + RecordLayout.CHANGE_COUNT, (short) 0);
        Memory.putLong(record + RecordLayout.HEADER_LENGTH, transaction.id());
        Memory.putLong(record + RecordLayout.HEADER_LENGTH + Long.BYTES, transaction.lastLsn());
    }

    private void publish(Workspace workspace, long lsn, CommitWaiter waiter) {
        wal.copy(lsn, RECORD_LENGTH, workspace.pageBuffer);
        wal.waiter(lsn, waiter);
        wal.publish(lsn, RECORD_LENGTH);
    }

    private void afterEnd(Workspace workspace, Transaction transaction, long lsn) {
        workspace.writtenLsn = lsn;
        wal.releaseUndo(transaction.undoReserve());
        releaseSnapshot(transaction);
        transaction.ended();
        wal.wake(true);
    }

    private void releaseSnapshot(Transaction transaction) {
        if (transaction.snapshotSlot() != Transaction.NO_SNAPSHOT) {
            engine.snapshots().release(transaction.snapshotSlot());
        }
    }

    private void release(Transaction transaction) {
        releaseSnapshot(transaction);
        retire(transaction);
    }

    private void retire(Transaction transaction) {
        if (transaction.index() >= 0) {
            running.set(transaction.index(), null);
            freeIndexes.push(transaction.index());
        }
    }

    /** Runs {@code action} when the transaction with this id has ended; at once if it is not running. */
    public void whenEnded(long transactionId, Runnable action) {
        int index = table.activeIndex(transactionId);
        Transaction transaction = index < 0 ? null : running.get(index);
        if (transaction == null || transaction.id() != transactionId) {
            action.run();
        } else {
            transaction.whenEnded(action);
        }
    }

    /**
     * Runs {@code action} when the transaction {@code holder} has ended, which {@code waiter} waits for; or {@code deadlock}, if the holder waits for
     * the waiter, be it through others. So of the transactions in a circle the one that closes it gives way.
     */
    public void awaitEnd(Transaction waiter, long holder, Runnable action, Runnable deadlock) {
        waitGraph.execute(() -> {
            if (waitsFor(holder, waiter)) {
                deadlock.run();
                return;
            }
            waiter.waitsFor(holder);
            whenEnded(holder, () -> {
                waiter.waitsFor(0);
                action.run();
            });
        });
    }

    /** Whether {@code first} waits for {@code last}. A transaction waits for one other at most, so that the edges form chains. */
    private boolean waitsFor(long first, Transaction last) {
        long id = first;
        for (int steps = 0; id != 0 && steps < running.length(); steps++) {
            if (id == last.id()) {
                return true;
            }
            int index = table.activeIndex(id);
            Transaction next = index < 0 ? null : running.get(index);
            id = next == null || next.id() != id ? 0 : next.waitsFor();
        }
        return false;
    }

    /** First LSN of the oldest transaction whose end is not durable, {@link Long#MAX_VALUE} if there is none. */
    public long oldestFirstLsn() {
        long oldest = Long.MAX_VALUE;
        for (int i = 0; i < running.length(); i++) {
            Transaction transaction = running.get(i);
            if (transaction != null && transaction.firstLsn() != 0) {
                oldest = Math.min(oldest, transaction.firstLsn());
            }
        }
        return oldest;
    }

    /** Transactions whose end is not durable. */
    public int open() {
        int count = 0;
        for (int i = 0; i < running.length(); i++) {
            if (running.get(i) != null) {
                count++;
            }
        }
        return count;
    }

    /** Transactions whose end is not in the log yet: restart would roll them back. */
    public int unfinished() {
        int count = 0;
        for (int i = 0; i < running.length(); i++) {
            Transaction transaction = running.get(i);
            if (transaction != null && !transaction.hasEnded()) {
                count++;
            }
        }
        return count;
    }

    /** Keeps a transaction among the running ones until its end is visible. */
    private class EndWaiter implements CommitWaiter {
        private final Transaction transaction;
        private final CommitWaiter next;

        EndWaiter(Transaction transaction, CommitWaiter next) {
            this.transaction = transaction;
            this.next = next;
        }

        @Override
        public void reached(long lsn) {
            retire(transaction);
            if (next != null) {
                next.reached(lsn);
            }
        }

        @Override
        public void lost(MillraceException cause) {
            retire(transaction);
            if (next != null) {
                next.lost(cause);
            }
        }
    }

    /** The same for a relaxed commit: whoever asked for it is told once, as soon as its record is written. */
    private final class RelaxedEndWaiter extends EndWaiter {
        private final AtomicReference<CommitWaiter> early;

        RelaxedEndWaiter(Transaction transaction, CommitWaiter early) {
            super(transaction, null);
            this.early = new AtomicReference<>(early);
        }

        @Override
        public boolean wantsWritten() {
            return true;
        }

        @Override
        public void written(long lsn) {
            CommitWaiter waiter = early.getAndSet(null);
            if (waiter != null) {
                waiter.reached(lsn);
            }
        }

        @Override
        public void reached(long lsn) {
            super.reached(lsn);
            written(lsn);
        }

        @Override
        public void lost(MillraceException cause) {
            super.lost(cause);
            CommitWaiter waiter = early.getAndSet(null);
            if (waiter != null) {
                waiter.lost(cause);
            }
        }
    }
}
