package io.millrace;

import io.millrace.txn.Step;
import io.millrace.txn.Workspace;
import reactor.core.CoreSubscriber;

/** Commits a transaction. Cancelled before its record is published, it has the transaction rolled back. */
final class CommitOperation extends SingleOperation<CommitInfo> {
    private final boolean relaxed;
    private boolean inSection;
    private boolean published;

    CommitOperation(StoreEngine store, StoreTransaction transaction, CoreSubscriber<? super CommitInfo> actual) {
        super(store, transaction, actual);
        relaxed = transaction.options().durability() == Durability.RELAXED;
    }

    @Override
    public void begin() {
        if (isValidated()) {
            store.commitSection().enter(() -> {
                inSection = true;
                start();
            });
        } else {
            start();
        }
    }

    private boolean isValidated() {
        return transaction.reads() != null && !transaction.reads().isEmpty();
    }

    @Override
    Step work(Workspace workspace) {
        Step outcome = isValidated()
                ? transaction
                        .reads()
                        .validate(workspace, store, transaction.inner().view())
                : Step.DONE;
        if (outcome == Step.DONE) {
            outcome = commit(workspace);
        }
        if (outcome == Step.DONE || outcome == Step.CONFLICT) {
            leaveSection();
        }
        return outcome;
    }

    private void leaveSection() {
        if (inSection) {
            inSection = false;
            store.commitSection().leave();
        }
    }

    private Step commit(Workspace workspace) {
        Step outcome = context().transactions().commit(workspace, transaction.inner(), this, relaxed);
        if (outcome == Step.DONE) {
            published = true;
            boolean wrote = workspace.writtenLsn != 0;
            wrote(workspace.writtenLsn);
            boolean early = relaxed || store.wal().mode().lags();
            result(new CommitInfo(wrote ? workspace.writtenLsn : transaction.lsn(), early && wrote));
        }
        return outcome;
    }

    @Override
    boolean waitsForRecord() {
        return true;
    }

    @Override
    void withdrawn() {
        if (!published) {
            transaction.abort(new IllegalStateException("the commit was cancelled"));
        }
    }

    @Override
    String mapName() {
        return isValidated() ? transaction.reads().conflictMap() : "";
    }

    @Override
    void ended(Throwable failure) {
        leaveSection();
        if (!published) {
            return;
        }
        if (failure == null) {
            transaction.committed();
        } else {
            transaction.lost(failure instanceof RuntimeException cause ? cause : new IllegalStateException(failure));
        }
    }
}
