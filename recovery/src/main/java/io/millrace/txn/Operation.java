package io.millrace.txn;

import io.millrace.buffer.PageWaiter;
import io.millrace.error.MillraceException;
import io.millrace.error.SnapshotTooOldException;
import io.millrace.error.StorageIoException;
import io.millrace.error.StoreOverloadedException;
import io.millrace.wal.AdmissionWaiter;
import io.millrace.wal.CommitWaiter;

/**
 * An operation that never blocks: it runs its {@link #step} on the calling thread; if that has to wait for something, it registers itself
 * there and returns, and runs the step again on a completion worker when it is woken (D9). Subclasses implement the step, which must be
 * restartable, and what happens at the end.
 *
 * <p>One step runs at a time; the hand-over between threads goes through the queues it waits in. Operands that a step has put into the
 * workspace are kept across a wait.
 */
public abstract class Operation
        implements Runnable,
                PageWaiter,
                AdmissionWaiter,
                PageAllocator.PageWaiter,
                VersionStore.SpaceWaiter,
                VersionLog.Waiter {
    private static final int MAX_RETRIES = 64;
    private static final int MAX_CONTENTIONS_WHEN_POISONED = 1000;

    private final OperationContext context;
    private Operands operands;
    private AdmissionGrant grant;
    private LogAnswer logAnswer;
    private long pinnedPage;
    private boolean holdsMissTicket;
    private int contentions;

    /** An operation in this context; nothing starts yet. */
    protected Operation(OperationContext context) {
        this.context = context;
    }

    /** Runs, or runs on, the work. Restartable: whatever it answers but DONE, it has left nothing behind. */
    protected abstract Step step(Workspace workspace);

    /** The work is done; called once, on the thread that did the last step, with nothing held. */
    protected abstract void done();

    /** The work can't be done; called once, nothing is held. */
    protected abstract void failed(Throwable cause);

    /** Whether no further step should run (cancelled). Asked before each step; {@link #failed} is not called then. */
    protected boolean abandoned() {
        return false;
    }

    /** Called once instead of a further step when {@link #abandoned}. */
    protected void cleanUp() {}

    /** A newer version than the snapshot stands there; its stamp is durable by now. */
    protected void conflicted(long winnerLsn) {
        failed(new IllegalStateException("conflict with " + winnerLsn + " outside a transaction"));
    }

    /** The running transaction {@code holder} has the key locked: waits for its end. */
    protected void locked(long holder) {
        context.transactions().whenEnded(holder, this::resume);
    }

    /** Versions this operation's snapshot needs are gone; an unregistered reader, which takes a newer snapshot, answers true. */
    protected boolean movesOn() {
        return false;
    }

    /** There is no memory for overwritten versions: whether this operation's transaction goes on with stubs in their place. */
    protected boolean keepsStubsInstead() {
        return false;
    }

    /** The rooms this operation works in. */
    protected final OperationContext context() {
        return context;
    }

    /** Runs the operation on the calling thread as far as it goes without waiting. */
    public final void start() {
        run();
    }

    @Override
    public final void run() {
        if (abandoned()) {
            end();
            cleanUp();
            return;
        }
        Workspace workspace = context.workspaces().take();
        if (workspace == null) {
            resume();
            return;
        }
        Step outcome = Step.CONTENDED;
        Throwable failure = null;
        try {
            outcome = attempt(workspace);
        } catch (Throwable thrown) {
            failure = thrown;
        }
        Waiting waiting = failure == null && outcome != Step.DONE ? Waiting.of(workspace) : null;
        context.release(workspace);
        releasePin();
        if (failure != null) {
            end();
            failed(failure);
        } else if (outcome == Step.DONE) {
            end();
            done();
        } else {
            await(outcome, waiting);
        }
    }

    private Step attempt(Workspace workspace) {
        if (operands != null) {
            operands.restore(workspace);
        }
        workspace.grant = grant;
        workspace.logAnswer = logAnswer;
        grant = null;
        try {
            Step outcome = Step.CONTENDED;
            for (int i = 0; i < MAX_RETRIES && outcome == Step.CONTENDED; i++) {
                outcome = step(workspace);
            }
            if (outcome != Step.DONE && operands == null) {
                operands = Operands.of(workspace);
            }
            return outcome;
        } finally {
            workspace.dropGrant(context.engine().wal());
        }
    }

    private void await(Step outcome, Waiting waiting) {
        Engine engine = context.engine();
        switch (outcome) {
            case CONTENDED -> contended();
            case PAGE_MISS -> missed(waiting.page());
            case LOG_FULL -> admission(waiting);
            case NO_FREE_FRAME -> engine.pool().awaitFreeFrame(this::resume);
            case NO_FREE_PAGE -> engine.pages().await(this);
            case NO_VALUE_MEMORY -> waiting.memory().whenGranted(this::resume);
            case VERSIONS_FULL -> engine.versions().awaitSpace(this);
            case VERSION_IN_LOG -> context.versionLog().read(waiting.logRequest(), this);
            case LOCKED -> locked(waiting.lockedBy());
            case AWAIT_DURABLE -> engine.wal().whenVisible(waiting.lsn(), new DurableWait(false));
            case CONFLICT -> engine.wal().whenVisible(waiting.lsn(), new DurableWait(true));
            case SNAPSHOT_TOO_OLD -> tooOld();
            default -> throw new IllegalStateException("unexpected " + outcome);
        }
    }

    private void admission(Waiting waiting) {
        grant = waiting.grant();
        context.engine().wal().awaitAdmission(grant.recordBytes(), grant.undoBytes(), grant.share(), this);
    }

    private void contended() {
        // A page that a failure left half changed stays latched for ever (L6); any other one is free again soon.
        Throwable poison = context.engine().wal().poisonCause();
        if (poison == null || ++contentions < MAX_CONTENTIONS_WHEN_POISONED) {
            resume();
        } else {
            end();
            failed(new StorageIoException("a page can't be read after an earlier failure; reopen the store", poison));
        }
    }

    private void tooOld() {
        if (movesOn()) {
            resume();
        } else {
            end();
            failed(new SnapshotTooOldException(0, context.engine().versions().minReadable()));
        }
    }

    private void missed(long page) {
        if (holdsMissTicket || context.missTickets().take(() -> fetch(page))) {
            fetch(page);
        }
    }

    private void fetch(long page) {
        holdsMissTicket = true;
        context.engine().pool().fetch(page, this);
    }

    @Override
    public final void pageReady(long pageId) {
        pinnedPage = pageId;
        resume();
    }

    @Override
    public final void pageFailed(long pageId, MillraceException cause) {
        endLater(cause);
    }

    @Override
    public final void admitted() {
        resume();
    }

    @Override
    public final void refused(MillraceException cause) {
        grant = null;
        endLater(cause);
    }

    @Override
    public final void pagesAvailable() {
        resume();
    }

    @Override
    public final void spaceAvailable() {
        resume();
    }

    @Override
    public final void noSpace(StoreOverloadedException cause) {
        if (keepsStubsInstead()) {
            resume();
        } else {
            endLater(cause);
        }
    }

    @Override
    public final void logRead(LogAnswer answer) {
        logAnswer = answer;
        resume();
    }

    @Override
    public final void logReadFailed(MillraceException cause) {
        endLater(cause);
    }

    /** Goes on, on a worker. */
    protected final void resume() {
        context.engine().workers().execute(this);
    }

    /** Fails, on a worker. Nothing else may make it go on. */
    protected final void endLater(RuntimeException cause) {
        context.engine().workers().execute(() -> {
            end();
            failed(cause);
        });
    }

    private void releasePin() {
        if (pinnedPage != 0) {
            context.engine().pool().unpin(pinnedPage);
            pinnedPage = 0;
        }
    }

    private void end() {
        releasePin();
        operands = null;
        logAnswer = null;
        if (grant != null) {
            context.engine().wal().giveBack(grant.recordBytes(), grant.undoBytes());
            grant = null;
        }
        if (holdsMissTicket) {
            holdsMissTicket = false;
            context.missTickets().giveBack();
        }
    }

    /** Waits for a durable LSN; told on a completion worker. */
    private final class DurableWait implements CommitWaiter {
        private final boolean conflict;

        DurableWait(boolean conflict) {
            this.conflict = conflict;
        }

        @Override
        public void reached(long lsn) {
            if (conflict) {
                end();
                conflicted(lsn);
            } else {
                run();
            }
        }

        @Override
        public void lost(MillraceException cause) {
            end();
            failed(cause);
        }
    }
}
