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
    private final Engine engine;
    private final BufferPool pool;
    private final byte[] value;
    private final int length;
    private int unwritten;
    private long head;
    private long headLsn;

    LongValueWriter(Engine engine, byte[] value, int length) {
        this.engine = engine;
        this.value = value;
        this.length = length;
        pool = engine.pool();
        unwritten = length;
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
            headLsn = mini.commit(null);
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
        int bytes = unwritten - begin;
        MiniTransaction mini = workspace.miniTransaction;
        Memory.copyFromArray(value, begin, workspace.pageBuffer, bytes);
        mini.changeNew(frame, TreeOperation.LONG_VALUE.code(), LongValueLayout.IMAGE_HEADER + bytes)
                .putLong(head)
                .putLong(headLsn)
                .putInt(length - begin)
                .putBytes(workspace.pageBuffer, bytes);
        Step step = engine.pages().plan(workspace, mini, SpaceMap.PEND, page);
        return step == Step.DONE && head != 0 ? engine.pages().plan(workspace, mini, SpaceMap.SET, head) : step;
    }

    /** The first page written so far, 0 for none: pending, unless it has been linked. */
    public long head() {
        return head;
    }

    /** Writes the reference to the value, all of whose pages are written. */
    void reference(long target) {
        LongValueLayout.writeReference(target, head, headLsn, length);
    }

    /** Makes the reference to the value the workspace's value operand; until all pages are written it is that of a value without pages. */
    public void operand(Workspace workspace) {
        boolean complete = unwritten == 0;
        LongValueLayout.writeReference(workspace.valueBuffer, complete ? head : 0, complete ? headLsn : 0, length);
        workspace.valueAddress = workspace.valueBuffer;
        workspace.valueLength = LongValueLayout.REFERENCE_BYTES;
        workspace.valueIsLong = true;
    }
}
