package io.millrace.btree;

import io.millrace.buffer.BufferPool;
import io.millrace.common.Memory;
import io.millrace.txn.Engine;
import io.millrace.txn.MiniTransaction;
import io.millrace.txn.SpaceMap;
import io.millrace.txn.Step;
import io.millrace.txn.Workspace;

/**
 * Writes a long value into pages of its own, from its end to its beginning: each page is one mini-transaction and names the one written before
 * it. The page written last is pending in the space map, with all that hangs on it, until {@link LeafWriter} links it; so a crash at any time
 * leaves a value that is linked, or one that is freed. Restartable, goes on where it was. One thread at a time.
 */
public final class LongValueWriter {
    /** Number, next page, rest. */
    private static final int HEADER = 2 * Long.BYTES + Integer.BYTES;

    private final Engine engine;
    private final BufferPool pool;
    private final byte[] value;
    private final long number;
    private int unwritten;
    private long head;

    LongValueWriter(Engine engine, byte[] value) {
        this.engine = engine;
        this.value = value;
        pool = engine.pool();
        number = engine.threads().random();
        unwritten = value.length;
    }

    /** Goes on: DONE when everything is written, or what to wait for. Uses the workspace's first page buffer. */
    public Step write(Workspace workspace) {
        Step step = Step.DONE;
        while (unwritten > 0 && step == Step.DONE) {
            step = writePage(workspace);
        }
        return step;
    }

    private Step writePage(Workspace workspace) {
        long page = engine.pages().reserve(false);
        if (page == 0) {
            return Step.NO_FREE_PAGE;
        }
        int capacity = LongValueLayout.capacity(pool.pageSize());
        int begin = (unwritten - 1) / capacity * capacity;
        MiniTransaction mini = workspace.miniTransaction;
        mini.beginStructure(false);
        Step step = plan(workspace, page, begin);
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
            head = page;
            unwritten = begin;
        } else {
            engine.pages().giveBack(page);
        }
        return step;
    }

    private Step plan(Workspace workspace, long page, int begin) {
        int frame = pool.tryInstall(page);
        if (frame < 0) {
            return frame == BufferPool.NO_FREE_FRAME ? Step.NO_FREE_FRAME : Step.CONTENDED;
        }
        int length = unwritten - begin;
        Memory.copyFromArray(value, begin, workspace.pageBuffer, length);
        workspace
                .miniTransaction
                .changeNew(frame, TreeOperation.LONG_VALUE.code(), HEADER + length)
                .putLong(number)
                .putLong(head)
                .putInt(value.length - begin)
                .putBytes(workspace.pageBuffer, length);
        Step step = engine.pages().plan(workspace, workspace.miniTransaction, SpaceMap.PEND, page);
        return step == Step.DONE && head != 0
                ? engine.pages().plan(workspace, workspace.miniTransaction, SpaceMap.SET, head)
                : step;
    }

    /** The first page written so far, 0 for none: pending, unless it has been linked. */
    public long head() {
        return head;
    }

    /** Makes the reference to the value the workspace's value operand. */
    public void operand(Workspace workspace) {
        LongValueLayout.writeReference(workspace.valueBuffer, head, number, value.length);
        workspace.valueAddress = workspace.valueBuffer;
        workspace.valueLength = LongValueLayout.REFERENCE_BYTES;
        workspace.valueIsLong = true;
    }
}
