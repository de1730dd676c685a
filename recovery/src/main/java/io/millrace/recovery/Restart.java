package io.millrace.recovery;

import io.millrace.buffer.BufferPool;
import io.millrace.buffer.DataFile;
import io.millrace.buffer.DoubleWriteArea;
import io.millrace.storage.StorageDirectory;
import io.millrace.txn.LoggedRecord;
import io.millrace.txn.OperationContext;
import io.millrace.txn.RecordHandlers;
import io.millrace.txn.UndoHandler;
import io.millrace.wal.LogProofs;
import io.millrace.wal.LogRecovery;
import io.millrace.wal.LogStart;
import io.millrace.wal.RecoveredLog;
import java.io.IOException;
import java.util.List;

/**
 * Restart after any end, clean or not (ARIES: analysis, redo, undo). The steps are called in this order by the one who opens the store:
 *
 * <ol>
 *   <li>{@link #analyse}: reads the control file's proofs and the log, finds its end and the losers; changes nothing, so that a damaged store
 *       is reported as it was found (L10);
 *   <li>{@link #seal}: raises the incarnation, makes the tail of the log durable, restores torn pages (L9);
 *   <li>{@link #redo}: repeats history from the restart point, page by page LSN;
 *   <li>{@link #undo}: rolls the losers back.
 * </ol>
 *
 * <p>Every step may be cut short by a crash and done again. Engine threads only.
 */
public final class Restart {
    private final StorageDirectory directory;
    private final ControlFile control;
    private final DoubleWriteArea doubleWrite;
    private final ControlRecord found;
    private final Analysis analysis = new Analysis();
    private final long started = System.nanoTime();
    private RecoveredLog log;
    private PageRedo redo;
    private LoserUndo undo;
    private int restored;

    /** A restart of the store whose control file and double-write area are open. */
    public Restart(StorageDirectory directory, ControlFile control, DoubleWriteArea doubleWrite) {
        this.directory = directory;
        this.control = control;
        this.doubleWrite = doubleWrite;
        this.found = control.current();
    }

    /** Pass one. @throws io.millrace.error.CorruptLogException if something durable is missing; nothing has been changed */
    public void analyse() throws IOException {
        LoggedRecord logged = new LoggedRecord();
        LogProofs proofs = new LogProofs(
                Math.max(found.provenLsn(), doubleWrite.readProof()), "the control file or the double-write area");
        log = LogRecovery.findEnd(
                directory,
                found.storeId(),
                found.scanStartLsn(),
                proofs,
                (lsn, address, length) -> analysis.record(logged.wrap(lsn, address, length)));
    }

    /** From here on the store is this incarnation's: what a former run may not have forced is forced before anything trusts it. */
    public LogStart seal(DataFile dataFile) throws IOException {
        ControlRecord next = found.nextIncarnation();
        // Both slots, so that damage to one can not bring an incarnation back.
        control.write(next);
        control.write(next);
        LogStart start = LogRecovery.seal(log, next.incarnation());
        restored = doubleWrite.recover(dataFile, found.retiredBatch());
        return start;
    }

    /** Pass two. */
    public void redo(BufferPool pool, RecordHandlers handlers) throws IOException {
        redo = new PageRedo(pool, handlers);
        LoggedRecord logged = new LoggedRecord();
        log.reader().scan(found.restartLsn(), (lsn, address, length) -> redo.redo(logged.wrap(lsn, address, length)));
    }

    /** Pass three; blocks until it is done. */
    public void undo(OperationContext context, UndoHandler handler) throws IOException {
        undo = new LoserUndo(context, log.reader(), handler, analysis.losers());
        undo.runToEnd();
        log.close();
    }

    /** Last LSN of the log that was found. */
    public long endLsn() {
        return log.endLsn();
    }

    /** What was done. */
    public RestartReport report() {
        return new RestartReport(
                found.cleanEndLsn() != 0,
                found.scanStartLsn(),
                found.restartLsn(),
                log.endLsn(),
                analysis.records(),
                redo.applied(),
                analysis.losers().size(),
                undo.undone(),
                restored,
                List.copyOf(redo.damaged()),
                System.nanoTime() - started);
    }
}
