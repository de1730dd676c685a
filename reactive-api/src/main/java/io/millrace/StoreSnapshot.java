package io.millrace;

import io.millrace.txn.ReadView;
import io.millrace.txn.Workspace;
import java.util.concurrent.atomic.AtomicBoolean;
import reactor.core.publisher.Mono;

/** A registered snapshot: as long as it is open, the versions it sees are kept. */
final class StoreSnapshot implements Snapshot, Scope, OpenWork {
    private final StoreEngine store;
    private final int slot;
    private final long lsn;
    private final AtomicBoolean closed = new AtomicBoolean();
    private volatile boolean storeClosed;
    private long number;

    private StoreSnapshot(StoreEngine store, int slot) {
        this.store = store;
        this.slot = slot;
        lsn = store.context().engine().snapshots().lsn(slot);
    }

    /**
     * Takes the snapshot of now.
     *
     * @throws io.millrace.error.StoreClosedException if the store is closed
     * @throws io.millrace.error.StoreOverloadedException if too many are open
     */
    static StoreSnapshot open(StoreEngine store) {
        if (!store.gate().enter()) {
            throw store.closedError();
        }
        StoreSnapshot snapshot;
        try {
            snapshot = new StoreSnapshot(
                    store, store.context().engine().snapshots().register());
        } catch (RuntimeException failure) {
            store.gate().leave();
            throw failure;
        }
        snapshot.number = store.openWork().add(snapshot);
        store.openWork().checkOpen(snapshot);
        return snapshot;
    }

    @Override
    public long lsn() {
        return lsn;
    }

    StoreEngine store() {
        return store;
    }

    /** Ends it; idempotent. Reads that still run find out before they answer. */
    void close() {
        if (closed.compareAndSet(false, true)) {
            store.openWork().remove(number);
            store.context().engine().snapshots().release(slot);
            store.gate().leave();
        }
    }

    /** {@link #close} as a step of a pipeline. */
    Mono<Void> closed() {
        return Mono.fromRunnable(this::close);
    }

    @Override
    public void storeCloses() {
        storeClosed = true;
        close();
    }

    @Override
    public StoreTransaction transaction() {
        return null;
    }

    @Override
    public ReadView view(Workspace workspace) {
        return workspace.view.at(lsn, 0, true);
    }

    @Override
    public boolean isRegistered() {
        return true;
    }

    @Override
    public Scope over(StoreSnapshot taken) {
        return this;
    }

    @Override
    public void check() {
        if (closed.get()) {
            throw storeClosed ? store.closedError() : new IllegalStateException("the snapshot has ended");
        }
    }

    @Override
    public void checkAfterwards() {
        check();
    }

    @Override
    public void checkWritable() {
        throw new IllegalStateException("a snapshot is for reading: write in a transaction");
    }
}
