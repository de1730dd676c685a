package io.millrace.recovery;

import io.millrace.buffer.BufferPool;
import io.millrace.buffer.DataFile;
import io.millrace.buffer.DoubleWriteArea;
import io.millrace.common.EngineThreads;
import io.millrace.error.CorruptPageException;
import io.millrace.storage.StorageDirectory;
import io.millrace.txn.LoggedRecord;
import io.millrace.txn.OperationContext;
import io.millrace.txn.RecordHandlers;
import io.millrace.txn.UndoHandler;
import io.millrace.wal.BlockConsumer;
import io.millrace.wal.BlockLayout;
import io.millrace.wal.LogProofs;
import io.millrace.wal.LogRecovery;
import io.millrace.wal.LogStart;
import io.millrace.wal.RecordConsumer;
import io.millrace.wal.RecoveredLog;
import java.io.IOException;
import java.nio.ByteBuffer;
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
    private final EngineThreads threads;
    private final RestartListener listener;
    private final RestartClock clock;
    private final ControlRecord found;
    private final Analysis analysis;
    private RecoveredLog log;
    private LoserUndo undo;
    private long changesRedone;
    private List<CorruptPageException> damaged = List.of();
    private int restored;

    /** A restart of the store whose control file and double-write area are open. */
    public Restart(
            StorageDirectory directory,
            ControlFile control,
            DoubleWriteArea doubleWrite,
            EngineThreads threads,
            RestartListener listener) {
        this.directory = directory;
        this.control = control;
        this.doubleWrite = doubleWrite;
        this.threads = threads;
        this.listener = listener;
        found = control.current();
        analysis = new Analysis(found.restartLsn());
        clock = new RestartClock(threads, listener);
    }

    /** Pass one. @throws io.millrace.error.CorruptLogException if something durable is missing; nothing has been changed */
    public void analyse() throws IOException {
        listener.begins(wasClosed() || found.incarnation() == 0, found.scanStartLsn());
        LogProofs proofs = new LogProofs(
                Math.max(found.provenLsn(), doubleWrite.readProof()), "the control file or the double-write area");
        clock.begin(RestartPhase.ANALYSIS, 0);
        log = LogRecovery.findEnd(directory, found.storeId(), found.scanStartLsn(), proofs, new AnalysisConsumer());
        clock.end();
    }

    /** From here on the store is this incarnation's: what a former run may not have forced is forced before anything trusts it. */
    public LogStart seal(DataFile dataFile) throws IOException {
        clock.begin(RestartPhase.REPAIR, 0);
        ControlRecord next = found.nextIncarnation();
        if (StoreFiles.isUnfinished(directory)) {
            control.finishCreation(directory);
        }
        // Both slots, so that damage to one can not bring an incarnation back.
        control.write(next);
        control.write(next);
        LogStart start = LogRecovery.seal(log, next.incarnation());
        restored = doubleWrite.recover(dataFile, found.retiredBatch());
        clock.end();
        return start;
    }

    /**
     * Pass two.
     *
     * @param workers how many threads apply changes
     */
    public void redo(BufferPool pool, RecordHandlers handlers, int workers) throws IOException {
        clock.begin(RestartPhase.REDO, analysis.redoBytes());
        try (RedoPass pass = new RedoPass(pool, handlers, threads, workers, found.restartLsn())) {
            log.reader().blocks(found.restartLsn(), new RedoConsumer(pass));
            pass.finish();
            changesRedone = pass.applied();
            damaged = List.copyOf(pass.damaged());
        }
        clock.end();
    }

    /** Pass three; blocks until it is done. */
    public void undo(OperationContext context, UndoHandler handler) throws IOException {
        clock.begin(RestartPhase.UNDO, analysis.changesToUndo());
        undo = new LoserUndo(context, log.reader(), handler, analysis.losers(), clock);
        undo.runToEnd();
        log.close();
        clock.end();
    }

    // --- what was done; after undo

    /** Whether the last run had closed the store. */
    public boolean wasClosed() {
        return found.cleanEndLsn() != 0;
    }

    /** Where reading the log began. */
    public long scanStartLsn() {
        return found.scanStartLsn();
    }

    /** Where redo began. */
    public long restartLsn() {
        return found.restartLsn();
    }

    /** Last LSN of the log that was found. */
    public long endLsn() {
        return log.endLsn();
    }

    /** Records that analysis read. */
    public long recordsRead() {
        return analysis.records();
    }

    /** Their bytes. */
    public long bytesRead() {
        return analysis.bytes();
    }

    /** Bytes of the records from the restart LSN on. */
    public long bytesRedone() {
        return analysis.redoBytes();
    }

    /** Page changes that redo applied; the pages had the others. */
    public long changesRedone() {
        return changesRedone;
    }

    /** Transactions rolled back. */
    public int losers() {
        return analysis.losers().size();
    }

    /** Their changes. */
    public long changesUndone() {
        return undo.undone();
    }

    /** Torn pages restored from the double-write area. */
    public int pagesRestored() {
        return restored;
    }

    /** Pages that stay damaged, by number; everything else is readable. */
    public List<CorruptPageException> damagedPages() {
        return damaged;
    }

    /** How fast reading and repeating the log was. */
    RedoSpeed speed() {
        return RedoSpeed.measured(bytesRedone(), nanos(RestartPhase.ANALYSIS) + nanos(RestartPhase.REDO));
    }

    /** How long a phase took. */
    public long nanos(RestartPhase phase) {
        return clock.nanos(phase);
    }

    /** Hands the log to {@link Analysis}. */
    private final class AnalysisConsumer implements RecordConsumer {
        private final LoggedRecord logged = new LoggedRecord();

        @Override
        public void begins(long bytes) {
            clock.total(bytes);
        }

        @Override
        public void record(long lsn, long address, int length) {
            analysis.record(logged.wrap(lsn, address, length));
            clock.advance(length);
        }
    }

    /** Hands the log to {@link RedoPass}. */
    private final class RedoConsumer implements BlockConsumer {
        private final RedoPass pass;

        RedoConsumer(RedoPass pass) {
            this.pass = pass;
        }

        @Override
        public ByteBuffer nextWindow() {
            return pass.nextWindow();
        }

        @Override
        public void block(long address, int length) {
            pass.block(address, length);
            clock.advance(length - BlockLayout.HEADER_LENGTH, BlockLayout.records(address));
        }
    }
}
