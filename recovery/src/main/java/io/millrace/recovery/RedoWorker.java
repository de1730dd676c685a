package io.millrace.recovery;

import io.millrace.buffer.BufferPool;
import io.millrace.error.CorruptLogException;
import io.millrace.txn.LoggedRecord;
import io.millrace.txn.RecordHandlers;
import io.millrace.wal.BlockCursor;

/**
 * One of the threads of {@link RedoPass}: goes through all of the log, picks out the changes of the pages it owns, and applies them, some
 * windows of log at a time, page by page, in LSN order.
 */
final class RedoWorker implements Runnable {
    /** Changes of a batch; a shorter piece of log with more than these is applied in several. */
    private static final int BATCH_CHANGES = 1 << 15;

    private static final long HASH = 0x9E37_79B9_7F4A_7C15L;
    private static final int HASH_SHIFT = 32;

    private final LogWindows windows;
    private final int number;
    private final int workers;
    private final long fromLsn;
    private final RedoBatch batch = new RedoBatch(BATCH_CHANGES);
    private final PageOrder order = new PageOrder(BATCH_CHANGES);
    private final BlockCursor cursor = new BlockCursor();
    private final LoggedRecord logged = new LoggedRecord();
    private final PageRedo redo;
    private final ReadAhead readAhead;

    /** Number {@code number} of {@code workers}; nothing below {@code fromLsn} is repeated. */
    RedoWorker(BufferPool pool, RecordHandlers handlers, LogWindows windows, int number, int workers, long fromLsn) {
        this.windows = windows;
        this.number = number;
        this.workers = workers;
        this.fromLsn = fromLsn;
        readAhead = new ReadAhead(pool, workers);
        redo = new PageRedo(pool, handlers);
    }

    /** What was done; once the thread has ended. */
    PageRedo redo() {
        return redo;
    }

    @Override
    public void run() {
        try {
            long taken = 0;
            for (LogWindow window = windows.await(0); window != null; window = windows.await(taken)) {
                for (int i = 0; i < window.count(); i++) {
                    pick(window.block(i));
                }
                if (++taken % windows.group() == 0) {
                    apply();
                    windows.release(number, taken);
                }
            }
            apply();
        } catch (Throwable failure) {
            windows.fail(failure);
        }
    }

    private void pick(long block) {
        cursor.wrap(block);
        while (cursor.next()) {
            if (cursor.lsn() >= fromLsn) {
                pick(logged.wrap(cursor.lsn(), cursor.address(), cursor.length()));
            }
        }
    }

    private void pick(LoggedRecord record) {
        if (!batch.hasRoom(record.changes())) {
            apply();
            if (!batch.hasRoom(record.changes())) {
                throw new CorruptLogException(
                        StoreFiles.LOG_DIRECTORY,
                        0,
                        record.lsn(),
                        "the record changes more pages than any that is written");
            }
        }
        while (record.nextChange()) {
            long pageId = record.changePage();
            if (ownerOf(pageId) == number) {
                batch.add(
                        record.lsn(),
                        pageId,
                        record.stamp(),
                        record.changeOperation(),
                        record.changeBody(),
                        record.changeLength());
            }
        }
    }

    private int ownerOf(long pageId) {
        return (int) ((pageId * HASH >>> HASH_SHIFT) * workers >>> HASH_SHIFT);
    }

    private void apply() {
        order.sort(batch);
        int count = batch.count();
        int ahead = 0;
        long aheadPage = -1;
        int pagesAhead = 0;
        long page = -1;
        for (int place = 0; place < count; place++) {
            long entry = batch.entry(order.index(place));
            if (RedoBatch.pageId(entry) != page) {
                page = RedoBatch.pageId(entry);
                pagesAhead--;
                for (; ahead < count && pagesAhead < readAhead.pages(); ahead++) {
                    long wanted = RedoBatch.pageId(batch.entry(order.index(ahead)));
                    if (wanted != aheadPage) {
                        aheadPage = wanted;
                        pagesAhead++;
                        want(wanted);
                    }
                }
            }
            redo.change(
                    RedoBatch.lsn(entry),
                    page,
                    RedoBatch.stamp(entry),
                    RedoBatch.operation(entry),
                    RedoBatch.body(entry),
                    RedoBatch.length(entry));
        }
        redo.endPage();
        batch.clear();
    }

    private void want(long pageId) {
        if (!redo.isDamaged(pageId)) {
            readAhead.want(pageId);
        }
    }

    /** Gives the memory back; the thread has ended. */
    void free() {
        batch.free();
    }
}
