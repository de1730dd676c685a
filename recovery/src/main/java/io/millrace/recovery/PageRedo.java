package io.millrace.recovery;

import io.millrace.buffer.BufferPool;
import io.millrace.buffer.PageLayout;
import io.millrace.error.CorruptPageException;
import io.millrace.txn.LoggedRecord;
import io.millrace.txn.MiniTransaction;
import io.millrace.txn.RecordHandlers;
import java.util.ArrayList;
import java.util.List;

/**
 * Repeats history: applies one record to the pages it names (L5).
 *
 * <ol>
 *   <li>pin and latch every page of the record;
 *   <li>a page whose LSN is below the record's takes all its changes, any other none;
 *   <li>stamp the page LSN last.
 * </ol>
 *
 * <p>A page that is damaged beyond the double-write area's help is noted and left alone; the rest of the store goes on.
 */
final class PageRedo {
    private static final int DAMAGED = -1;

    private final BufferPool pool;
    private final RecordHandlers handlers;
    private final List<CorruptPageException> damaged = new ArrayList<>();
    private final long[] pages = new long[MiniTransaction.MAX_PAGES];
    private final int[] frames = new int[MiniTransaction.MAX_PAGES];
    private final boolean[] behind = new boolean[MiniTransaction.MAX_PAGES];
    private int count;
    private long applied;

    PageRedo(BufferPool pool, RecordHandlers handlers) {
        this.pool = pool;
        this.handlers = handlers;
    }

    /** Applies the record; one without page changes is passed over. */
    void redo(LoggedRecord logged) {
        if (!logged.changesPages()) {
            return;
        }
        count = 0;
        try {
            while (logged.nextChange()) {
                int index = indexOf(logged.changePage(), logged.lsn());
                if (frames[index] != DAMAGED && behind[index]) {
                    apply(logged, pool.address(frames[index]));
                }
            }
            stamp(logged.lsn());
        } finally {
            release();
        }
    }

    private int indexOf(long pageId, long lsn) {
        for (int i = 0; i < count; i++) {
            if (pages[i] == pageId) {
                return i;
            }
        }
        pages[count] = pageId;
        frames[count] = pin(pageId);
        if (frames[count] != DAMAGED) {
            pool.latchExclusive(frames[count]);
            behind[count] = PageLayout.pageLsn(pool.address(frames[count])) < lsn;
        }
        return count++;
    }

    private int pin(long pageId) {
        try {
            return pool.pin(pageId);
        } catch (CorruptPageException damage) {
            if (damaged.stream().noneMatch(known -> known.pageId() == pageId)) {
                damaged.add(damage);
            }
            return DAMAGED;
        }
    }

    private void apply(LoggedRecord logged, long page) {
        handlers.of(logged.changeOperation())
                .redo(
                        logged.changeOperation(),
                        page,
                        pool.pageSize(),
                        logged.stamp(),
                        logged.changeBody(),
                        logged.changeLength());
        applied++;
    }

    private void stamp(long lsn) {
        for (int i = 0; i < count; i++) {
            if (frames[i] != DAMAGED && behind[i]) {
                long page = pool.address(frames[i]);
                PageLayout.pageId(page, pages[i]);
                PageLayout.pageLsn(page, lsn);
                pool.markDirty(frames[i], lsn);
            }
        }
    }

    private void release() {
        for (int i = 0; i < count; i++) {
            if (frames[i] != DAMAGED) {
                if (behind[i]) {
                    pool.releaseExclusive(frames[i]);
                } else {
                    pool.releaseUnchanged(frames[i]);
                }
                pool.unpinFrame(frames[i]);
            }
        }
        count = 0;
    }

    /** Changes applied. */
    long applied() {
        return applied;
    }

    /** Pages that could not be repaired. */
    List<CorruptPageException> damaged() {
        return damaged;
    }
}
