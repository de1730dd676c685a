package io.millrace.btree;

import io.millrace.buffer.BufferPool;
import io.millrace.buffer.PageLayout;
import io.millrace.common.Memory;
import io.millrace.txn.Engine;
import io.millrace.txn.MiniTransaction;
import io.millrace.txn.PageAllocator;
import io.millrace.txn.SpaceMap;
import io.millrace.txn.Step;
import io.millrace.txn.StopBits;
import io.millrace.txn.Workspace;
import org.agrona.collections.LongArrayList;

/**
 * What a change of a leaf entry means to the long values before and after it: a long value is pending exactly as long as no leaf entry refers to
 * it. So the change that links one takes it off the list of what is pending, and the one that takes its entry away puts it there; the same
 * mini-transaction does both. Mutable, one per {@link TreeScratch}.
 */
final class LongValueLinks {
    /** With the leaf, and a page of the space map for each, there is room for so many in a mini-transaction. */
    private static final int MAX_AT_ONCE = 8;

    /** First page of the long value that is linked, 0 for none. */
    private long linked;

    /** First page of the one that nothing refers to any more, 0 for none. */
    private long unlinked;

    /** The entry had the long value that begins with page {@code before}, and gets the other one; 0 stands for none. */
    void change(long before, long after) {
        linked = before == after ? 0 : after;
        unlinked = before == after ? 0 : before;
    }

    long unlinked() {
        return unlinked;
    }

    /** Whether some entry of a leaf has a long value. Whoever acts on it, and has not validated it, latches the page from its stamp. */
    static boolean isAnyIn(long leaf, int pageSize) {
        int count = SlottedPageLayout.slotCount(leaf, pageSize);
        for (int i = 0; i < count; i++) {
            if (LeafPage.isLong(LeafPage.entry(leaf, pageSize, i))) {
                return true;
            }
        }
        return false;
    }

    /** Takes all entries with long values out of a leaf of a tree that nobody can reach: those values, added to {@code heads}, are pending then. */
    static Step unlinkAll(Engine engine, Workspace workspace, long leaf, LongArrayList heads) {
        BufferPool pool = engine.pool();
        while (true) {
            int frame = pool.frameOf(leaf);
            if (frame == BufferPool.MISS) {
                workspace.missedPage = leaf;
                return Step.PAGE_MISS;
            }
            long stamp = pool.stamp(frame);
            if (stamp == 0 || pool.pageIdOf(frame) != leaf) {
                return Step.CONTENDED;
            }
            if (!isAnyIn(pool.address(frame), pool.pageSize())) {
                return pool.validate(frame, stamp) ? Step.DONE : Step.CONTENDED;
            }
            Step step = unlinkSome(engine, workspace, frame, stamp, heads);
            if (step != Step.DONE) {
                return step;
            }
        }
    }

    /** Some of them, as many as go into a mini-transaction. */
    static Step unlinkSome(Engine engine, Workspace workspace, int frame, long stamp, LongArrayList heads) {
        int pageSize = engine.pool().pageSize();
        long page = workspace.pageBuffer;
        Memory.copy(engine.pool().address(frame), page, pageSize);
        if (!engine.pool().validate(frame, stamp)) {
            return Step.CONTENDED;
        }
        long slots = workspace.secondPageBuffer;
        LongArrayList found = new LongArrayList();
        int count = SlottedPageLayout.slotCount(page, pageSize);
        for (int i = 0; i < count && found.size() < MAX_AT_ONCE; i++) {
            long entry = LeafPage.entry(page, pageSize, i);
            if (LeafPage.isLong(entry)) {
                Memory.putShort(slots + (long) found.size() * Short.BYTES, (short) i);
                found.addLong(LongValueLayout.head(LeafPage.value(entry, LeafPage.suffixLength(page, pageSize, i))));
            }
        }
        Step step = planUnlinking(engine, workspace, frame, stamp, found);
        MiniTransaction mini = workspace.miniTransaction;
        if (step != Step.DONE) {
            mini.abandon();
            return step;
        }
        step = mini.admit(workspace);
        if (step == Step.DONE) {
            step = mini.latch();
        }
        if (step == Step.DONE) {
            mini.commit(null);
            heads.addAll(found);
        }
        return step;
    }

    private static Step planUnlinking(Engine engine, Workspace workspace, int frame, long stamp, LongArrayList found) {
        MiniTransaction mini = workspace.miniTransaction;
        mini.beginStructure(false);
        int treeId = PageLayout.treeId(workspace.pageBuffer);
        int bytes = found.size() * Short.BYTES;
        mini.change(frame, stamp, TreeOperation.LEAF_PURGE.code(), StopBits.length(treeId) + bytes)
                .putStopBit(treeId)
                .putBytes(workspace.secondPageBuffer, bytes);
        long[] pages = found.toLongArray();
        return engine.pages().planAll(workspace, mini, SpaceMap.PEND, pages, pages.length);
    }

    /** Plans it; behind the change of the leaf, which is the first one of its record. DONE, PAGE_MISS or CONTENDED. */
    Step plan(PageAllocator pages, Workspace workspace) {
        MiniTransaction mini = workspace.miniTransaction;
        Step step = linked == 0 ? Step.DONE : pages.plan(workspace, mini, SpaceMap.SET, linked);
        return step == Step.DONE && unlinked != 0 ? pages.plan(workspace, mini, SpaceMap.PEND, unlinked) : step;
    }
}
