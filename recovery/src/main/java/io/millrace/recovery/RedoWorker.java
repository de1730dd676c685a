package io.millrace.recovery;

import io.millrace.buffer.BufferPool;
import io.millrace.txn.RecordHandlers;

/** One of the threads of {@link RedoPass}: applies the changes of the pages it owns, batch by batch, page by page, in LSN order. */
final class RedoWorker implements Runnable {
    private final RedoQueue queue;
    private final PageOrder order;
    private final PageRedo redo;
    private final ReadAhead readAhead;

    RedoWorker(BufferPool pool, RecordHandlers handlers, RedoQueue queue, PageOrder order, ReadAhead readAhead) {
        this.queue = queue;
        this.order = order;
        this.readAhead = readAhead;
        redo = new PageRedo(pool, handlers);
    }

    RedoQueue queue() {
        return queue;
    }

    /** What was done; once the thread has ended. */
    PageRedo redo() {
        return redo;
    }

    @Override
    public void run() {
        try {
            for (RedoBatch batch = queue.take(); batch != null; batch = queue.take()) {
                order.sort(batch);
                apply(batch.count());
                queue.release();
            }
        } catch (Throwable failure) {
            queue.fail(failure);
        }
    }

    private void apply(int count) {
        int ahead = 0;
        long aheadPage = -1;
        int pagesAhead = 0;
        long page = -1;
        for (int place = 0; place < count; place++) {
            long entry = order.entry(place);
            if (RedoBatch.pageId(entry) != page) {
                page = RedoBatch.pageId(entry);
                pagesAhead--;
                for (; ahead < count && pagesAhead < readAhead.pages(); ahead++) {
                    long wanted = RedoBatch.pageId(order.entry(ahead));
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

    private void want(long pageId) {
        if (!redo.isDamaged(pageId)) {
            readAhead.want(pageId);
        }
    }

    /** Gives the memory back; the thread has ended. */
    void free() {
        queue.free();
    }
}
