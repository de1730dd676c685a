package io.millrace.recovery;

import io.millrace.common.Completion;
import io.millrace.txn.LoggedRecord;
import io.millrace.txn.Operation;
import io.millrace.txn.OperationContext;
import io.millrace.txn.Step;
import io.millrace.txn.Transaction;
import io.millrace.txn.UndoHandler;
import io.millrace.txn.Workspace;
import io.millrace.wal.LogReader;
import java.util.PriorityQueue;

/**
 * Third pass: undoes the losers in one sweep backwards through the log, each change logically by key and with a compensation record, so that a
 * crash in the middle goes on where it stopped (ARIES). Memory is bounded by the number of losers.
 */
final class LoserUndo extends Operation {
    /** A loser and the LSN of its change to be undone next. */
    private record Pending(Transaction loser, long lsn) implements Comparable<Pending> {
        @Override
        public int compareTo(Pending other) {
            return Long.compare(other.lsn, lsn);
        }
    }

    private final LogReader log;
    private final UndoHandler handler;
    private final RestartClock clock;
    private final PriorityQueue<Pending> pending = new PriorityQueue<>();
    private final LoggedRecord logged = new LoggedRecord();
    private final Completion finished;
    private Step outcome = Step.DONE;
    private long nextLsn;
    private boolean changed;
    private long undone;

    LoserUndo(
            OperationContext context,
            LogReader log,
            UndoHandler handler,
            Iterable<Analysis.Loser> losers,
            RestartClock clock) {
        super(context);
        finished = new Completion(context.engine().threads());
        this.log = log;
        this.handler = handler;
        this.clock = clock;
        for (Analysis.Loser loser : losers) {
            pending.add(new Pending(Transaction.loser(loser.id(), loser.firstLsn(), loser.lastLsn()), loser.lastLsn()));
        }
    }

    /** Runs to the end; blocks the calling engine thread. */
    void runToEnd() {
        start();
        finished.await();
    }

    /** Changes undone. */
    long undone() {
        return undone;
    }

    @Override
    protected Step step(Workspace workspace) {
        while (!pending.isEmpty()) {
            Pending next = pending.peek();
            Step result = next.lsn() == 0
                    ? context().transactions().finishRollback(workspace, next.loser())
                    : undo(workspace, next);
            if (result != Step.DONE) {
                return result;
            }
            pending.remove(next);
            if (next.lsn() != 0) {
                pending.add(new Pending(next.loser(), nextLsn));
                count();
            }
        }
        return Step.DONE;
    }

    private Step undo(Workspace workspace, Pending next) {
        outcome = Step.DONE;
        changed = false;
        log.read(next.lsn(), (lsn, address, length) -> {
            logged.wrap(lsn, address, length);
            nextLsn = logged.previousLsn();
            if (logged.undoable() && logged.nextChange()) {
                outcome = handler.undoLogged(
                        workspace,
                        next.loser(),
                        logged.changeOperation(),
                        logged.changeBody(),
                        logged.changeLength(),
                        nextLsn);
                changed = true;
            }
        });
        return outcome;
    }

    private void count() {
        if (changed) {
            undone++;
            clock.advance(1);
        }
    }

    @Override
    protected void done() {
        finished.complete();
    }

    @Override
    protected void failed(Throwable cause) {
        finished.fail(cause);
    }
}
