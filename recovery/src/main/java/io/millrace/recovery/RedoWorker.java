package io.millrace.recovery;

import io.millrace.buffer.BufferPool;
import io.millrace.common.Memory;
import io.millrace.txn.RecordHandlers;

/**
 * One of the threads of {@link RedoPass}: applies the changes of the pages it owns, some windows of log at a time, page by page, in LSN order.
 *
 * <p>What a change needs of its page lies in places that were not touched for a long time, each known only when the one before it has been read: page
 * table, slot, entry. So it goes through the next few changes step by step first and only reads, for each step of all of them before the next
 * step. Reads that do not wait for each other wait for memory together.
 */
final class RedoWorker implements Runnable {
    /** So many changes are touched before they are applied: not more than the nearest cache holds. */
    private static final int TOUCHED = 32;

    private final RedoGroups groups;
    private final int number;
    private final BufferPool pool;
    private final RecordHandlers handlers;
    private final PageOrder order = new PageOrder();
    private final PageRedo redo;
    private final ReadAhead readAhead;
    private final long[] pages = new long[TOUCHED];
    private RedoBatch batch;
    private long touched;

    /** Number {@code number} of {@code workers}. */
    RedoWorker(BufferPool pool, RecordHandlers handlers, RedoGroups groups, int number, int workers) {
        this.groups = groups;
        this.number = number;
        this.pool = pool;
        this.handlers = handlers;
        readAhead = new ReadAhead(pool, workers);
        redo = new PageRedo(pool, handlers);
    }

    /** What was done; once the thread has ended. */
    PageRedo redo() {
        return redo;
    }

    /** Nothing of meaning: makes sure that what is only touched is read. */
    long touched() {
        return touched;
    }

    @Override
    public void run() {
        try {
            long taken = 0;
            for (RedoGroup group = groups.await(0); group != null; group = groups.await(taken)) {
                batch = group.batch(number);
                apply();
                groups.release(number, ++taken);
            }
        } catch (Throwable failure) {
            groups.fail(failure);
        }
    }

    private void apply() {
        order.sort(batch);
        int count = batch.count();
        int ahead = 0;
        long aheadPage = -1;
        int pagesAhead = 0;
        long page = -1;
        for (int place = 0; place < count; place++) {
            if (place % TOUCHED == 0) {
                touch(place, Math.min(count, place + TOUCHED));
            }
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
    }

    private void touch(int from, int to) {
        long sum = 0;
        for (int place = from; place < to; place++) {
            long entry = batch.entry(order.index(place));
            int frame = pool.frameOf(RedoBatch.pageId(entry));
            pages[place - from] = frame == BufferPool.MISS ? 0 : pool.address(frame);
            long body = RedoBatch.body(entry);
            sum += Memory.getByte(body) + Memory.getByte(body + RedoBatch.length(entry) - 1);
        }
        sum += touch(from, to, false);
        sum += touch(from, to, true);
        touched += sum;
    }

    private long touch(int from, int to, boolean deep) {
        long sum = 0;
        for (int place = from; place < to; place++) {
            long page = pages[place - from];
            if (page != 0) {
                long entry = batch.entry(order.index(place));
                int operation = RedoBatch.operation(entry);
                sum += handlers.of(operation).touch(operation, page, pool.pageSize(), RedoBatch.body(entry), deep);
            }
        }
        return sum;
    }

    private void want(long pageId) {
        if (!redo.isDamaged(pageId)) {
            readAhead.want(pageId);
        }
    }
}
