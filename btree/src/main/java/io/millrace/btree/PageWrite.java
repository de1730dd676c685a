package io.millrace.btree;

import io.millrace.buffer.BufferPool;
import io.millrace.buffer.PageLayout;
import io.millrace.common.Completion;
import io.millrace.txn.Engine;
import io.millrace.txn.MiniTransaction;
import io.millrace.txn.Operation;
import io.millrace.txn.OperationContext;
import io.millrace.txn.SpaceMap;
import io.millrace.txn.Step;
import io.millrace.txn.Workspace;

/** Writes a page of a tree that is being built: its image, pending, and what it links, which no longer is. Blocks; engine threads only. */
final class PageWrite extends Operation {
    private final Engine engine;
    private final int pageSize;
    private final long image;
    private final long[] links;
    private final int linkCount;
    private final Completion ended;
    private long page;

    PageWrite(OperationContext context, long image, long[] links, int linkCount) {
        super(context);
        this.image = image;
        this.links = links;
        this.linkCount = linkCount;
        engine = context.engine();
        pageSize = engine.pool().pageSize();
        ended = new Completion(engine.threads());
    }

    /** Answers the page. */
    long write() {
        start();
        ended.await();
        return page;
    }

    @Override
    protected Step step(Workspace workspace) {
        page = engine.pages().reserve(false);
        if (page == 0) {
            return Step.NO_FREE_PAGE;
        }
        MiniTransaction mini = workspace.miniTransaction;
        mini.beginStructure(false);
        Step step = plan(workspace, mini);
        if (step != Step.DONE) {
            mini.abandon();
        } else {
            step = mini.admit(workspace);
            if (step == Step.DONE) {
                step = mini.latch();
            }
        }
        if (step == Step.DONE) {
            mini.commit(null);
        } else {
            engine.pages().giveBack(page);
        }
        return step;
    }

    private Step plan(Workspace workspace, MiniTransaction mini) {
        int frame = engine.pool().tryInstall(page);
        if (frame < 0) {
            return frame == BufferPool.NO_FREE_FRAME ? Step.NO_FREE_FRAME : Step.CONTENDED;
        }
        int front = PageImage.frontBytes(image, pageSize);
        int heap = PageImage.heapBytes(image, pageSize);
        mini.changeNew(frame, TreeOperation.PAGE_FORMAT.code(), Integer.BYTES + front + heap)
                .putInt(PageLayout.treeId(image))
                .putBytes(image + PageLayout.BODY, front)
                .putBytes(image + SlottedPageLayout.heapStart(image), heap);
        Step step = engine.pages().plan(workspace, mini, SpaceMap.PEND, page);
        return step == Step.DONE ? engine.pages().planAll(workspace, mini, SpaceMap.SET, links, linkCount) : step;
    }

    @Override
    protected void done() {
        ended.complete();
    }

    @Override
    protected void failed(Throwable cause) {
        ended.fail(cause);
    }
}
