package io.millrace.btree;

import static io.millrace.btree.SlottedPageLayout.INNER_ENTRY;
import static io.millrace.btree.SlottedPageLayout.SLOT_BYTES;

import io.millrace.buffer.BufferPool;
import io.millrace.buffer.PageLayout;
import io.millrace.common.Memory;
import io.millrace.txn.Engine;
import io.millrace.txn.MiniTransaction;
import io.millrace.txn.SpaceMap;
import io.millrace.txn.Step;
import io.millrace.txn.StopBits;
import io.millrace.txn.Workspace;

/**
 * Makes room in a leaf: removes ghosts that nobody can need, or splits. Each change is a mini-transaction of its own, redo only. When the
 * parent has no room for the separator, the topmost ancestor without room is split instead, and the operation starts anew: so at most three
 * pages and the space map change together.
 *
 * <p>Planned on private copies: the leaf, or the page to split, in the workspace's second page buffer, new pages in the first; the
 * separator in its result memory.
 */
final class Restructuring {
    private final Engine engine;
    private final BufferPool pool;
    private final int pageSize;
    private final GhostPurge ghosts;

    Restructuring(Engine engine) {
        this.engine = engine;
        ghosts = new GhostPurge(engine);
        pool = engine.pool();
        pageSize = pool.pageSize();
    }

    /**
     * Makes room for the value the scratch is about.
     *
     * @return CONTENDED when the tree has changed and the operation should run again, or what to wait for
     */
    Step makeRoom(Workspace workspace, TreeRef tree, TreeScratch scratch, boolean forUndo) {
        Descent descent = scratch.descent;
        if (!copy(workspace, descent, descent.leaf())) {
            return Step.CONTENDED;
        }
        int needed = scratch.neededBytes(pageSize, workspace.keyLength);
        Step step = ghosts.purge(workspace, tree, scratch, needed, forUndo);
        if (step == null) {
            step = split(workspace, tree, scratch, needed, forUndo);
        }
        return step == Step.DONE ? Step.CONTENDED : step;
    }

    private boolean copy(Workspace workspace, Descent descent, int level) {
        Memory.copy(pool.address(descent.frame(level)), workspace.secondPageBuffer, pageSize);
        return descent.valid(pool, level);
    }

    private Step split(Workspace workspace, TreeRef tree, TreeScratch scratch, int needed, boolean forUndo) {
        Descent descent = scratch.descent;
        SplitPoint point = scratch.split;
        long page = workspace.secondPageBuffer;
        int level = descent.leaf();
        point.chooseLeaf(page, pageSize, workspace.keyAddress, workspace.keyLength, scratch.found, needed);
        while (level > 0 && !parentHasRoom(descent, level, point.separatorLength)) {
            level--;
            if (!copy(workspace, descent, level)) {
                return Step.CONTENDED;
            }
            boolean append = descent.childIndex(level) == SlottedPageLayout.slotCount(page, pageSize) - 1;
            point.chooseInner(page, pageSize, append);
        }
        point.separator(workspace.resultAddress);
        PageScratch.prepare(pageSize);
        return level == 0
                ? splitRoot(workspace, tree, scratch, forUndo)
                : splitBelow(workspace, tree, scratch, level, forUndo);
    }

    private boolean parentHasRoom(Descent descent, int level, int separatorLength) {
        // Read without validation: the parent's latch is taken from its stamp, so a wrong impression does no harm.
        long parent = pool.address(descent.frame(level - 1));
        int suffix = separatorLength - SlottedPageLayout.prefixLength(parent, pageSize);
        return PageEditor.spareBytes(parent, pageSize) >= INNER_ENTRY + SLOT_BYTES + suffix;
    }

    /** Splits the page at {@code level}: its right part goes to a new page, the separator to the parent. */
    private Step splitBelow(Workspace workspace, TreeRef tree, TreeScratch scratch, int level, boolean forUndo) {
        long right = engine.pages().reserve(forUndo);
        if (right == 0) {
            return Step.NO_FREE_PAGE;
        }
        SplitPoint point = scratch.split;
        Descent descent = scratch.descent;
        MiniTransaction mini = workspace.miniTransaction;
        mini.beginStructure(forUndo);
        buildRight(workspace, tree, point);
        Step step = install(workspace, right);
        if (step == Step.DONE) {
            long separator = workspace.resultAddress;
            int length = point.separatorLength;
            int key = StopBits.length(length) + length;
            mini.change(
                            descent.frame(level),
                            descent.stamp(level),
                            TreeOperation.SPLIT_LEFT.code(),
                            StopBits.length(point.keep) + key)
                    .putStopBit(point.keep)
                    .putStopBit(length)
                    .putBytes(separator, length);
            mini.change(
                            descent.frame(level - 1),
                            descent.stamp(level - 1),
                            TreeOperation.INNER_INSERT.code(),
                            StopBits.length(right) + key)
                    .putStopBit(right)
                    .putStopBit(length)
                    .putBytes(separator, length);
            step = link(workspace, right);
        }
        return finishWith(workspace, step, right, 0);
    }

    /** Moves the root's content to two new pages and makes it their parent: the root's page id stays. */
    private Step splitRoot(Workspace workspace, TreeRef tree, TreeScratch scratch, boolean forUndo) {
        long left = engine.pages().reserve(forUndo);
        long right = left == 0 ? 0 : engine.pages().reserve(forUndo);
        if (right == 0) {
            giveBack(left);
            return Step.NO_FREE_PAGE;
        }
        workspace.miniTransaction.beginStructure(forUndo);
        buildLeft(workspace, tree, scratch.split);
        Step step = install(workspace, left);
        if (step == Step.DONE) {
            buildRight(workspace, tree, scratch.split);
            step = install(workspace, right);
        }
        if (step == Step.DONE) {
            buildRoot(workspace, tree, scratch.split, left, right);
            Descent descent = scratch.descent;
            format(workspace, descent.frame(0), descent.stamp(0));
            step = link(workspace, left);
        }
        if (step == Step.DONE) {
            step = link(workspace, right);
        }
        return finishWith(workspace, step, left, right);
    }

    private void buildLeft(Workspace workspace, TreeRef tree, SplitPoint point) {
        long source = workspace.secondPageBuffer;
        long target = workspace.pageBuffer;
        begin(workspace, tree, SlottedPageLayout.level(source));
        PageImage.fences(target, pageSize, source, 0, workspace.resultAddress, point.separatorLength);
        Memory.putLong(target + SlottedPageLayout.FIRST_CHILD, Memory.getLong(source + SlottedPageLayout.FIRST_CHILD));
        PageImage.append(target, pageSize, source, 0, point.keep);
    }

    private void buildRight(Workspace workspace, TreeRef tree, SplitPoint point) {
        long source = workspace.secondPageBuffer;
        long target = workspace.pageBuffer;
        begin(workspace, tree, SlottedPageLayout.level(source));
        PageImage.fences(
                target,
                pageSize,
                workspace.resultAddress,
                point.separatorLength,
                SlottedPageLayout.highFence(source, pageSize),
                SlottedPageLayout.highFenceLength(source, pageSize));
        if (SlottedPageLayout.isInner(source)) {
            InnerPage.firstChild(target, InnerPage.child(source, pageSize, point.keep));
        }
        PageImage.append(target, pageSize, source, point.rightFrom, SlottedPageLayout.slotCount(source, pageSize));
    }

    private void buildRoot(Workspace workspace, TreeRef tree, SplitPoint point, long left, long right) {
        begin(workspace, tree, SlottedPageLayout.level(workspace.secondPageBuffer) + 1);
        PageImage.twoChildren(
                workspace.pageBuffer, pageSize, left, workspace.resultAddress, point.separatorLength, right);
    }

    private void begin(Workspace workspace, TreeRef tree, int level) {
        PageImage.begin(workspace.pageBuffer, pageSize, level, Math.toIntExact(tree.treeId()));
    }

    private int imageBytes(long page) {
        return Integer.BYTES + PageImage.frontBytes(page, pageSize) + PageImage.heapBytes(page, pageSize);
    }

    /** Plans the image in the workspace's first page buffer as the new content of a resident page. */
    void format(Workspace workspace, int frame, long stamp) {
        int length = imageBytes(workspace.pageBuffer);
        workspace.miniTransaction.change(frame, stamp, TreeOperation.PAGE_FORMAT.code(), length);
        writeImage(workspace);
    }

    /** Writes the page image built in the workspace's first page buffer as the body of a PAGE_FORMAT. */
    private void writeImage(Workspace workspace) {
        long page = workspace.pageBuffer;
        workspace
                .miniTransaction
                .putInt(PageLayout.treeId(page))
                .putBytes(page + PageLayout.BODY, PageImage.frontBytes(page, pageSize))
                .putBytes(page + SlottedPageLayout.heapStart(page), PageImage.heapBytes(page, pageSize));
    }

    /** Plans the image in the workspace's first page buffer as the content of a page just reserved. */
    Step install(Workspace workspace, long pageId) {
        int frame = pool.tryInstall(pageId);
        if (frame < 0) {
            return frame == BufferPool.NO_FREE_FRAME ? Step.NO_FREE_FRAME : Step.CONTENDED;
        }
        int length = imageBytes(workspace.pageBuffer);
        workspace.miniTransaction.changeNew(frame, TreeOperation.PAGE_FORMAT.code(), length);
        writeImage(workspace);
        return Step.DONE;
    }

    /** Plans that a reserved page is in use from now on. */
    Step link(Workspace workspace, long pageId) {
        return engine.pages().plan(workspace, workspace.miniTransaction, SpaceMap.SET, pageId);
    }

    /** Commits if all was planned; if not, or if that fails, gives the reserved pages back. */
    Step finishWith(Workspace workspace, Step planned, long firstPage, long secondPage) {
        Step step = planned;
        if (planned == Step.DONE) {
            step = finish(workspace);
        } else {
            workspace.miniTransaction.abandon();
        }
        if (step != Step.DONE) {
            giveBack(firstPage);
            giveBack(secondPage);
        }
        return step;
    }

    /** Commits what is planned. */
    static Step finish(Workspace workspace) {
        MiniTransaction mini = workspace.miniTransaction;
        Step step = mini.admit(workspace);
        if (step == Step.DONE) {
            step = mini.latch();
        }
        if (step == Step.DONE) {
            mini.commit(null);
        }
        return step;
    }

    private void giveBack(long page) {
        if (page != 0) {
            engine.pages().giveBack(page);
        }
    }
}
