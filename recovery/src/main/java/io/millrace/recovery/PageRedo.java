package io.millrace.recovery;

import io.millrace.buffer.BufferPool;
import io.millrace.buffer.PageLayout;
import io.millrace.error.CorruptPageException;
import io.millrace.error.MillraceException;
import io.millrace.txn.RecordHandlers;
import java.util.ArrayList;
import java.util.List;
import org.agrona.collections.LongHashSet;

/**
 * Repeats history on one page after another (L5):
 *
 * <ol>
 *   <li>latch the page, loading it if need be;
 *   <li>record by record, in LSN order: if the page's LSN is below the record's, the page takes all its changes, otherwise none;
 *   <li>stamp the page LSN last, and let go;
 *   <li>every page visited is written home again before the restart point moves on: what a former run has not forced is not trusted (L9).
 * </ol>
 *
 * <p>Redo of a page reads only that page and the records, so several of these, each with pages of its own, may work at once. A page that is
 * damaged beyond the double-write area's help is noted and left alone; the rest of the store goes on. One thread.
 */
final class PageRedo {
    private static final int NONE = -1;

    private final BufferPool pool;
    private final RecordHandlers handlers;
    private final int pageSize;
    private final List<CorruptPageException> damaged = new ArrayList<>();
    private final LongHashSet damagedIds = new LongHashSet();
    private long pageId = NONE;
    private int frame = NONE;
    private boolean pinned;
    private long address;
    private long pageLsn;
    private long firstLsn;
    private long recordLsn;
    private boolean behind;
    private boolean changed;
    private long applied;

    PageRedo(BufferPool pool, RecordHandlers handlers) {
        this.pool = pool;
        this.handlers = handlers;
        pageSize = pool.pageSize();
    }

    /**
     * One change of the record with this LSN. The changes of a page in LSN order, and all that are at hand before the next page; after the
     * last page comes {@link #endPage}.
     *
     * @throws CorruptPageException if the change does not fit the page: the page keeps its latch, so that it is never written
     */
    void change(long lsn, long changedPage, long stamp, int operation, long body, int length) {
        if (changedPage != pageId) {
            endPage();
            beginPage(changedPage);
        }
        if (frame == NONE) {
            return;
        }
        if (lsn != recordLsn) {
            beginRecord(lsn);
        }
        if (behind) {
            apply(stamp, operation, body, length);
        }
    }

    private void beginPage(long next) {
        pageId = next;
        frame = latch();
        if (frame != NONE) {
            address = pool.address(frame);
            pageLsn = PageLayout.pageLsn(address);
            firstLsn = 0;
            recordLsn = 0;
            changed = false;
        }
    }

    private void beginRecord(long lsn) {
        recordLsn = lsn;
        if (firstLsn == 0) {
            firstLsn = lsn;
        }
        behind = pageLsn < lsn;
        if (behind) {
            pageLsn = lsn;
            changed = true;
        }
    }

    /** A latched page can not be evicted, so only one that has to be waited for is pinned. */
    private int latch() {
        int resident = pool.frameOf(pageId);
        if (resident != BufferPool.MISS) {
            long stamp = pool.stamp(resident);
            if (stamp != 0 && pool.pageIdOf(resident) == pageId && pool.tryExclusive(resident, stamp)) {
                pool.touch(resident);
                return resident;
            }
        }
        return isDamaged(pageId) ? NONE : pinAndLatch();
    }

    private int pinAndLatch() {
        try {
            int loaded = pool.pin(pageId);
            pinned = true;
            pool.latchExclusive(loaded);
            return loaded;
        } catch (CorruptPageException damage) {
            damaged.add(damage);
            damagedIds.add(pageId);
            return NONE;
        }
    }

    private void apply(long stamp, int operation, long body, int length) {
        try {
            handlers.of(operation).redo(operation, address, pageSize, stamp, body, length);
            applied++;
        } catch (MillraceException typed) {
            throw typed;
        } catch (RuntimeException unfit) {
            CorruptPageException damage = new CorruptPageException(
                    StoreFiles.DATA,
                    pageId,
                    PageLayout.pageLsn(address),
                    "the change that the log has for it at LSN " + recordLsn + " does not fit (" + unfit.getMessage()
                            + ")");
            damage.addSuppressed(unfit);
            throw damage;
        }
    }

    /** Stamps and unlatches the page. */
    void endPage() {
        if (frame != NONE) {
            if (changed) {
                PageLayout.pageId(address, pageId);
                PageLayout.pageLsn(address, pageLsn);
            }
            // A page that is not behind may have been written by a run whose force failed, and be nowhere but in the
            // page cache.
            pool.markDirty(frame, firstLsn);
            if (changed) {
                pool.releaseExclusive(frame);
            } else {
                pool.releaseUnchanged(frame);
            }
            if (pinned) {
                pool.unpinFrame(frame);
                pinned = false;
            }
        }
        frame = NONE;
        pageId = NONE;
    }

    /** Changes applied. */
    long applied() {
        return applied;
    }

    boolean isDamaged(long id) {
        return !damaged.isEmpty() && damagedIds.contains(id);
    }

    /** Pages that could not be repaired. */
    List<CorruptPageException> damaged() {
        return damaged;
    }
}
